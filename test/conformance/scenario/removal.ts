import { callsOf } from "../step.ts";

const compute = callsOf("compute");
const network = callsOf("network");

/** The end of everything the scenario made, in an order that works. */
export const removal = [
  network.put("floating IP: attach to a server", "/v2.0/floatingips/{fip_id}", {
    floatingip: { port_id: "{port_id}" },
  }),
  compute.get("server: with a floating IP", "/v2.1/servers/{server_id}", {
    until: { path: "server.addresses.cloudforms_network[OS-EXT-IPS:type=floating].version", is: "4" },
    timing: ["hostId"],
  }),
  compute.del("server: delete", "/v2.1/servers/{server_id}"),
  compute.del("server: delete the second", "/v2.1/servers/{server2_id}"),
  compute.get("server: read until gone", "/v2.1/servers/{server_id}", { until: { status: 404 } }),
  compute.get("server: second until gone", "/v2.1/servers/{server2_id}", { until: { status: 404 } }),
  compute.del("server: delete again", "/v2.1/servers/{server_id}"),
  network.get("port: read when its server is gone", "/v2.0/ports/{port_id}", { timing: ["revision_number"] }),
  network.del("floating IP: delete the last", "/v2.0/floatingips/{fip_id}"),
  ...["port", "port2", "port3", "port4", "port5"].map((port) =>
    network.del(`port: delete ${port}`, `/v2.0/ports/{${port}_id}`),
  ),
  network.del("port: delete again", "/v2.0/ports/{port_id}"),
  network.del("security group: delete", "/v2.0/security-groups/{sg_id}"),
  network.del("security group: delete the second", "/v2.0/security-groups/{sg2_id}"),
  network.del("security group: delete again", "/v2.0/security-groups/{sg_id}"),
  compute.del("server group: delete the last", "/v2.1/os-server-groups/{group_id}"),
  compute.del("keypair: delete the last", "/v2.1/os-keypairs/conf-key"),
];
