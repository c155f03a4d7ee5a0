import { callsOf, nobody } from "../step.ts";

const { get, post, put, del } = callsOf("network");

/** Ports on one and two networks (six fit in the scenario's project). */
export const ports = [
  post(
    "port: create",
    "/v2.0/ports",
    {
      port: { network_id: "{private_id}", name: "conf-port", description: "conformance", security_groups: ["{sg_id}"] },
    },
    { save: { port_id: "port.id", port_address: "port.fixed_ips[0].ip_address" } },
  ),
  post(
    "port: create on the second network",
    "/v2.0/ports",
    { port: { network_id: "{lustre_id}", name: "conf-port-2", admin_state_up: true, security_groups: ["{sg_id}"] } },
    { save: { port2_id: "port.id" } },
  ),
  post(
    "port: create with the default group",
    "/v2.0/ports",
    { port: { network_id: "{private_id}", name: "conf-port-3" } },
    { save: { port3_id: "port.id" } },
  ),
  post(
    "port: create with no groups",
    "/v2.0/ports",
    { port: { network_id: "{private_id}", name: "conf-port-4", security_groups: [] } },
    { save: { port4_id: "port.id" } },
  ),
  post("port: at an address that is taken", "/v2.0/ports", {
    port: { network_id: "{private_id}", fixed_ips: [{ ip_address: "{port_address}" }] },
  }),
  post("port: at an address outside", "/v2.0/ports", {
    port: { network_id: "{private_id}", fixed_ips: [{ ip_address: "192.0.2.1" }] },
  }),
  post("port: on an unknown network", "/v2.0/ports", { port: { network_id: nobody } }),
  post("port: with an unknown group", "/v2.0/ports", {
    port: { network_id: "{private_id}", security_groups: [nobody] },
  }),
  post("port: a property that is none", "/v2.0/ports", { port: { network_id: "{private_id}", telepathy: 1 } }),
  post("port: no network", "/v2.0/ports", { port: { name: "conf-none" } }),
  post("port: address pairs on another's network", "/v2.0/ports", {
    port: { network_id: "{private_id}", allowed_address_pairs: [{ ip_address: "10.200.0.0/16" }] },
  }),
  put("port: tags", "/v2.0/ports/{port_id}/tags", { tags: ["conf-a", "conf-b"] }),
  put("port: update", "/v2.0/ports/{port_id}", { port: { description: "changed", security_groups: ["{sg_id}"] } }),
  put("port: update with an unknown property", "/v2.0/ports/{port_id}", { port: { telepathy: 1 } }),
  put("port: update an unknown one", `/v2.0/ports/${nobody}`, { port: { name: "x" } }),
  get("port: read", "/v2.0/ports/{port_id}"),
  get("port: all", "/v2.0/ports"),
  get("port: by name", "/v2.0/ports?name=conf-port-2"),
  get("port: by id", "/v2.0/ports?id={port_id}"),
  get("port: two ids and some fields", "/v2.0/ports?id={port_id}&id={port2_id}&fields=name&sort_key=name"),
  get("port: two ids in order", "/v2.0/ports?id={port_id}&id={port2_id}&fields=name&sort_key=name&sort_dir=desc"),
  get("port: by tag", "/v2.0/ports?tags=conf-a,conf-b"),
  get("port: unknown id", `/v2.0/ports/${nobody}`),
  del("port: delete an unknown one", `/v2.0/ports/${nobody}`),
  del("security group: delete while a port has it", "/v2.0/security-groups/{sg_id}"),
  post(
    "port: over quota 1",
    "/v2.0/ports",
    { port: { network_id: "{private_id}", name: "conf-5" } },
    {
      save: { port5_id: "port.id" },
    },
  ),
  post(
    "port: over quota 2",
    "/v2.0/ports",
    { port: { network_id: "{private_id}", name: "conf-6" } },
    {
      save: { port6_id: "port.id" },
    },
  ),
  post("port: over quota 3", "/v2.0/ports", { port: { network_id: "{private_id}", name: "conf-7" } }),
];
