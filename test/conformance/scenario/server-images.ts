import { callsOf, nobody } from "../step.ts";

const { get, post } = callsOf("compute");
const image = callsOf("image");

const action = "/v2.1/servers/{server_id}/action";
const metadata = { hailstack_kind: "image", hailstack_bundle: "conf" };
/** What a driver that writes no disk, as the lab's fake one, never gets to. */
const ofDriver = [
  "status",
  "size",
  "virtual_size",
  "checksum",
  "os_hash_algo",
  "os_hash_value",
  "stores",
  "disk_format",
  "container_format",
];
const added = ["image_location", "image_state", "owner_id"];

/** Images of a server. */
export const serverImages = [
  post("server image: without a name", action, { createImage: { metadata } }),
  post("server image: with a property that is no text", action, { createImage: { name: "c", metadata: { a: 1 } } }),
  post("server image: of an unknown server", `/v2.1/servers/${nobody}/action`, { createImage: { name: "c" } }),
  post(
    "server image: make one",
    action,
    { createImage: { name: "conf-snapshot", metadata } },
    {
      version: "2.45",
      save: { snapshot_id: "image_id" },
    },
  ),
  image.get("server image: read", "/v2/images/{snapshot_id}", { timing: [...ofDriver, ...added] }),
  get("server: read until it is its own again", "/v2.1/servers/{server_id}", {
    until: { path: "server.OS-EXT-STS:task_state", is: null },
    timing: ["hostId"],
  }),
  post("server image: make one, as before 2.45", action, { createImage: { name: "conf-older" } }),
  image.get("server image: by name", "/v2/images?name=conf-older", {
    save: { older_id: "images[0].id" },
    timing: [...ofDriver, ...added],
  }),
  get("server: read until it is its own once more", "/v2.1/servers/{server_id}", {
    until: { path: "server.OS-EXT-STS:task_state", is: null },
    timing: ["hostId"],
  }),
  image.del("server image: delete", "/v2/images/{snapshot_id}"),
  image.del("server image: delete the older one", "/v2/images/{older_id}"),
  post(
    "server: a security group that is none",
    "/v2.1/servers",
    {
      server: {
        name: "conf-grouped",
        imageRef: "{image_id}",
        flavorRef: "{tiny_id}",
        networks: [{ uuid: "{private_id}" }],
        security_groups: [{ name: "conf-nowhere" }],
      },
    },
    { version: "2.52" },
  ),
];
