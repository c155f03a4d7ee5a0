import { callsOf, nobody } from "../step.ts";

const { get, post, put, del } = callsOf("network");

/** Floating IPs (two fit in the scenario's project). */
export const floatingIps = [
  post(
    "floating IP: create",
    "/v2.0/floatingips",
    { floatingip: { floating_network_id: "{public_id}", description: "conformance" } },
    { save: { fip_id: "floatingip.id", fip_address: "floatingip.floating_ip_address" } },
  ),
  post("floating IP: at an address that is taken", "/v2.0/floatingips", {
    floatingip: { floating_network_id: "{public_id}", floating_ip_address: "{fip_address}" },
  }),
  post("floating IP: on a network that is not external", "/v2.0/floatingips", {
    floatingip: { floating_network_id: "{private_id}" },
  }),
  post("floating IP: on an unknown network", "/v2.0/floatingips", { floatingip: { floating_network_id: nobody } }),
  post("floating IP: a property that is none", "/v2.0/floatingips", {
    floatingip: { floating_network_id: "{public_id}", telepathy: 1 },
  }),
  post(
    "floating IP: create on a port",
    "/v2.0/floatingips",
    { floatingip: { floating_network_id: "{public_id}", port_id: "{port3_id}" } },
    { save: { fip2_id: "floatingip.id" } },
  ),
  post("floating IP: over quota", "/v2.0/floatingips", { floatingip: { floating_network_id: "{public_id}" } }),
  put("floating IP: attach", "/v2.0/floatingips/{fip_id}", { floatingip: { port_id: "{port_id}" } }),
  put("floating IP: attach to an unknown port", "/v2.0/floatingips/{fip_id}", { floatingip: { port_id: nobody } }),
  put("floating IP: attach where nothing routes", "/v2.0/floatingips/{fip_id}", {
    floatingip: { port_id: "{port2_id}" },
  }),
  put("floating IP: attach where another is", "/v2.0/floatingips/{fip_id}", { floatingip: { port_id: "{port3_id}" } }),
  put("floating IP: tags", "/v2.0/floatingips/{fip_id}/tags", { tags: ["conf-a"] }),
  put(
    "floating IP: describe",
    "/v2.0/floatingips/{fip_id}",
    { floatingip: { description: "changed" } },
    {
      timing: ["status"],
    },
  ),
  get("floating IP: read", "/v2.0/floatingips/{fip_id}", { timing: ["status"] }),
  get("floating IP: by address", "/v2.0/floatingips?floating_ip_address={fip_address}", { timing: ["status"] }),
  get("floating IP: all", "/v2.0/floatingips", { timing: ["status"] }),
  put("floating IP: detach", "/v2.0/floatingips/{fip_id}", { floatingip: { port_id: null } }, { timing: ["status"] }),
  get("floating IP: read when detached", "/v2.0/floatingips/{fip_id}", {
    until: { path: "floatingip.status", is: "DOWN" },
  }),
  get("floating IP: unknown id", `/v2.0/floatingips/${nobody}`),
  put("floating IP: update an unknown one", `/v2.0/floatingips/${nobody}`, { floatingip: { description: "x" } }),
  del("floating IP: delete an unknown one", `/v2.0/floatingips/${nobody}`),
  del("floating IP: delete", "/v2.0/floatingips/{fip2_id}"),
];
