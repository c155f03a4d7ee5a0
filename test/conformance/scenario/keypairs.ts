import { callsOf } from "../step.ts";

const { get, post, del } = callsOf("compute");

const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJxQ8oXqgJq1e7Yk8qXn4mQX1QXv1vY8x7v4S1yq8x7v conf@example";

/** Keypairs and server groups: small things of Nova with a quota each (two, in the scenario's project). */
export const keypairs = [
  post("keypair: create", "/v2.1/os-keypairs", { keypair: { name: "conf-key", public_key: publicKey } }),
  post("keypair: create again", "/v2.1/os-keypairs", { keypair: { name: "conf-key", public_key: publicKey } }),
  post("keypair: a property that is none", "/v2.1/os-keypairs", {
    keypair: { name: "conf-other", public_key: publicKey, value_specs: {} },
  }),
  post("keypair: no name", "/v2.1/os-keypairs", { keypair: { public_key: publicKey } }),
  post("keypair: a name with a slash", "/v2.1/os-keypairs", { keypair: { name: "conf/key", public_key: publicKey } }),
  post("keypair: a key that is none", "/v2.1/os-keypairs", { keypair: { name: "conf-other", public_key: "nonsense" } }),
  post("keypair: type before its version", "/v2.1/os-keypairs", {
    keypair: { name: "conf-other", public_key: publicKey, type: "ssh" },
  }),
  post(
    "keypair: create with type",
    "/v2.1/os-keypairs",
    { keypair: { name: "conf-typed", public_key: publicKey, type: "ssh" } },
    { version: "2.10" },
  ),
  post("keypair: over quota", "/v2.1/os-keypairs", { keypair: { name: "conf-third", public_key: publicKey } }),
  get("keypair: read", "/v2.1/os-keypairs/conf-key"),
  get("keypair: read in a newer version", "/v2.1/os-keypairs/conf-key", { version: "2.10" }),
  get("keypair: list", "/v2.1/os-keypairs"),
  get("keypair: list in a newer version", "/v2.1/os-keypairs", { version: "2.35" }),
  get("keypair: one to a page", "/v2.1/os-keypairs?limit=1", { version: "2.35" }),
  get("keypair: the next page", "/v2.1/os-keypairs?limit=1&marker=conf-key", { version: "2.35" }),
  get("keypair: unknown name", "/v2.1/os-keypairs/conf-nothing"),
  del("keypair: delete", "/v2.1/os-keypairs/conf-typed"),
  del("keypair: delete in a newer version", "/v2.1/os-keypairs/conf-nothing", { version: "2.10" }),
  del("keypair: delete an unknown one", "/v2.1/os-keypairs/conf-nothing"),

  post(
    "server group: create",
    "/v2.1/os-server-groups",
    { server_group: { name: "conf-group", policies: ["soft-anti-affinity"] } },
    { version: "2.15", save: { group_id: "server_group.id" } },
  ),
  post(
    "server group: policy before its version",
    "/v2.1/os-server-groups",
    { server_group: { name: "conf-group-3", policy: "soft-anti-affinity" } },
    { version: "2.15" },
  ),
  post("server group: soft policy before its version", "/v2.1/os-server-groups", {
    server_group: { name: "conf-group-3", policies: ["soft-anti-affinity"] },
  }),
  post(
    "server group: rules for a policy without them",
    "/v2.1/os-server-groups",
    { server_group: { name: "conf-group-3", policy: "soft-anti-affinity", rules: { max_server_per_host: 3 } } },
    { version: "2.64" },
  ),
  post(
    "server group: create in a newer version",
    "/v2.1/os-server-groups",
    { server_group: { name: "conf-group-2", policy: "anti-affinity", rules: { max_server_per_host: 3 } } },
    { version: "2.64", save: { group2_id: "server_group.id" } },
  ),
  post(
    "server group: over quota",
    "/v2.1/os-server-groups",
    { server_group: { name: "conf-group-3", policies: ["soft-anti-affinity"] } },
    { version: "2.15" },
  ),
  get("server group: read", "/v2.1/os-server-groups/{group_id}"),
  get("server group: read in a newer version", "/v2.1/os-server-groups/{group_id}", { version: "2.64" }),
  get("server group: list", "/v2.1/os-server-groups"),
  get("server group: list in a newer version", "/v2.1/os-server-groups?limit=1", { version: "2.64" }),
  get("server group: unknown id", "/v2.1/os-server-groups/00000000-1111-4222-8333-444444444444"),
  del("server group: delete", "/v2.1/os-server-groups/{group2_id}"),
  del("server group: delete again", "/v2.1/os-server-groups/{group2_id}"),
];
