import { callsOf, nobody } from "../step.ts";

const { get, post, put, del } = callsOf("compute");
const network = callsOf("network");

const userData = Buffer.from("#cloud-config\n{}\n").toString("base64");
const server = (more: object) => ({
  server: { name: "conf-server", imageRef: "{image_id}", flavorRef: "{tiny_id}", networks: "none", ...more },
});
const at252 = { version: "2.52" };

/** What Nova refuses before it makes anything (3 servers, 3 cores, 3 GiB fit in the scenario's project). */
const refusals = [
  post("server: a property that is none", "/v2.1/servers", server({ value_specs: {} }), at252),
  post(
    "server: no flavour",
    "/v2.1/servers",
    { server: { name: "x", imageRef: "{image_id}", networks: "none" } },
    at252,
  ),
  post(
    "server: no networks",
    "/v2.1/servers",
    { server: { name: "x", imageRef: "{image_id}", flavorRef: "1" } },
    at252,
  ),
  post("server: networks that are none", "/v2.1/servers", server({ networks: "some" }), at252),
  post("server: an empty name", "/v2.1/servers", server({ name: "" }), at252),
  post("server: a name of 256 letters", "/v2.1/servers", server({ name: "n".repeat(256) }), at252),
  post("server: tags before their version", "/v2.1/servers", server({ networks: [], tags: ["a"] })),
  post("server: a tag with a comma", "/v2.1/servers", server({ tags: ["a,b"] }), at252),
  post("server: a tag of 61 letters", "/v2.1/servers", server({ tags: ["t".repeat(61)] }), at252),
  post("server: metadata that is a number", "/v2.1/servers", server({ metadata: { a: 1 } }), at252),
  post("server: metadata of 256 letters", "/v2.1/servers", server({ metadata: { a: "m".repeat(256) } }), at252),
  post("server: user data too long", "/v2.1/servers", server({ user_data: "A".repeat(65_536) }), at252),
  post("server: user data that is not base64", "/v2.1/servers", server({ user_data: "AAAAA" }), at252),
  post("server: an unknown image", "/v2.1/servers", server({ imageRef: nobody }), at252),
  post("server: an image id that is none", "/v2.1/servers", server({ imageRef: "debian" }), at252),
  post("server: an unknown flavour", "/v2.1/servers", server({ flavorRef: nobody }), at252),
  post("server: an unknown key", "/v2.1/servers", server({ key_name: "conf-nothing" }), at252),
  post("server: an unknown port", "/v2.1/servers", server({ networks: [{ port: nobody }] }), at252),
  post("server: an unknown network", "/v2.1/servers", server({ networks: [{ uuid: nobody }] }), at252),
  post("server: an unknown group", "/v2.1/servers", { ...server({}), "os:scheduler_hints": { group: nobody } }, at252),
  post("server: over the cores quota", "/v2.1/servers", server({ flavorRef: "{large_id}", min_count: 2 }), at252),
  post("server: over every quota", "/v2.1/servers", server({ min_count: 4, max_count: 4 }), at252),
  post("server: a body that is not JSON", "/v2.1/servers", undefined, { rawBody: "{nonsense", ...at252 }),
  post("server: an empty body", "/v2.1/servers", {}, at252),
];

/** What depends on how far Nova has come. */
const volatile = [
  "status",
  "progress",
  "hostId",
  "addresses",
  "security_groups",
  "config_drive",
  "OS-EXT-AZ:availability_zone",
  "OS-EXT-STS:task_state",
  "OS-EXT-STS:vm_state",
  "OS-EXT-STS:power_state",
  "OS-SRV-USG:launched_at",
];

const life = [
  post(
    "server: create",
    "/v2.1/servers",
    {
      "os:scheduler_hints": { group: "{group_id}" },
      server: {
        name: "conf-server",
        imageRef: "{image_id}",
        flavorRef: "{tiny_id}",
        key_name: "conf-key",
        networks: [{ port: "{port_id}", uuid: "{private_id}" }, { port: "{port2_id}" }],
        metadata: { cluster: "conf" },
        tags: ["conf-a", "conf-b"],
        user_data: userData,
        config_drive: false,
      },
    },
    { ...at252, save: { server_id: "server.id" } },
  ),
  get("server: read at once", "/v2.1/servers/{server_id}", { timing: volatile }),
  get("server: read until ACTIVE", "/v2.1/servers/{server_id}", {
    until: { path: "server.status", is: "ACTIVE" },
    timing: ["hostId", "OS-EXT-STS:task_state"],
  }),
  ...["2.3", "2.26", "2.47", "2.52", "2.67", "2.73", "2.93"].map((version) =>
    get(`server: read in ${version}`, "/v2.1/servers/{server_id}", { version, timing: ["hostId"] }),
  ),
  post("server: create with a port in use", "/v2.1/servers", server({ networks: [{ port: "{port_id}" }] }), at252),
  post("server: create without a network", "/v2.1/servers", server({ name: "conf-second" }), {
    ...at252,
    save: { server2_id: "server.id" },
  }),
  get("server: second until ACTIVE", "/v2.1/servers/{server2_id}", {
    until: { path: "server.status", is: "ACTIVE" },
    timing: ["hostId", "OS-EXT-STS:task_state"],
  }),
  get("server: list", "/v2.1/servers"),
  get("server: list in detail", "/v2.1/servers/detail", { timing: ["hostId"] }),
  get("server: list in detail, newer", "/v2.1/servers/detail?name=^conf-s", { version: "2.67", timing: ["hostId"] }),
  get("server: one to a page", "/v2.1/servers/detail?limit=1&sort_key=display_name&sort_dir=asc", {
    timing: ["hostId"],
  }),
  get("server: after an unknown one", `/v2.1/servers/detail?marker=${nobody}`),
  get("server: by tag", "/v2.1/servers/detail?tags=conf-a", { version: "2.67", timing: ["hostId"] }),
  get("server: by status", "/v2.1/servers?status=ERROR"),
  get("server: by an unknown status", "/v2.1/servers?status=TELEPATHIC"),
  get("server: a filter that is none", "/v2.1/servers?telepathy=yes", { version: "2.75" }),
  get("server: unknown id", `/v2.1/servers/${nobody}`),
  put("server: rename", "/v2.1/servers/{server_id}", { server: { name: "conf-renamed" } }, { timing: ["hostId"] }),
  put("server: rename to nothing", "/v2.1/servers/{server_id}", { server: { name: "" } }),
  put("server: rename an unknown one", `/v2.1/servers/${nobody}`, { server: { name: "x" } }),
  post("server: metadata", "/v2.1/servers/{server_id}/metadata", { metadata: { role: "master" } }),
  get("server: metadata read", "/v2.1/servers/{server_id}/metadata"),
  put("server: metadata replaced", "/v2.1/servers/{server_id}/metadata", { metadata: { cluster: "two" } }),
  post("server: a number as new metadata", "/v2.1/servers/{server_id}/metadata", { metadata: { a: 1 } }),
  del("server: metadata key deleted", "/v2.1/servers/{server_id}/metadata/cluster"),
  del("server: metadata key deleted again", "/v2.1/servers/{server_id}/metadata/cluster"),
  put("server: tags", "/v2.1/servers/{server_id}/tags", { tags: ["conf-c"] }, { version: "2.26" }),
  get("server: tags read", "/v2.1/servers/{server_id}/tags", { version: "2.26" }),
  get("server: tags read before their version", "/v2.1/servers/{server_id}/tags"),
  get("server: interfaces", "/v2.1/servers/{server_id}/os-interface"),
  post("server: console", "/v2.1/servers/{server_id}/action", { "os-getConsoleOutput": { length: 10 } }),
  post("server: console of an unknown one", `/v2.1/servers/${nobody}/action`, { "os-getConsoleOutput": {} }),
  post("server: an action that is none", "/v2.1/servers/{server_id}/action", { telepathy: {} }),
  network.get("port: read when in use", "/v2.0/ports/{port_id}", { timing: ["status", "revision_number"] }),
  network.get("port: of a server", "/v2.0/ports?device_id={server_id}&fields=device_owner"),
  network.del("network: delete what is another's", "/v2.0/networks/{private_id}"),
  get("server group: with a member", "/v2.1/os-server-groups/{group_id}", { version: "2.64" }),
  get("compute: limits in use", "/v2.1/limits"),
  network.get("network: quota in use", "/v2.0/quotas/{project_id}/details.json"),
];

const power = [
  post("server: stop", "/v2.1/servers/{server_id}/action", { "os-stop": null }),
  get("server: read until SHUTOFF", "/v2.1/servers/{server_id}", {
    until: { path: "server.status", is: "SHUTOFF" },
    timing: ["hostId", "OS-EXT-STS:task_state"],
  }),
  post("server: stop again", "/v2.1/servers/{server_id}/action", { "os-stop": null }),
  post("server: start", "/v2.1/servers/{server_id}/action", { "os-start": null }),
  get("server: read until ACTIVE again", "/v2.1/servers/{server_id}", {
    until: { path: "server.status", is: "ACTIVE" },
    timing: ["hostId", "OS-EXT-STS:task_state"],
  }),
  post("server: start again", "/v2.1/servers/{server_id}/action", { "os-start": null }),
  post("server: reboot", "/v2.1/servers/{server_id}/action", { reboot: { type: "SOFT" } }),
  get("server: read until rebooted", "/v2.1/servers/{server_id}", {
    until: { path: "server.OS-EXT-STS:task_state", is: null },
    timing: ["hostId"],
  }),
];

export const servers = [...refusals, ...life, ...power];
