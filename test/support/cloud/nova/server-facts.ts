/** What a compute driver is told of a server, and how the cloud waits for what it does. */
import type { Core } from "../core.ts";
import { addressText, parseCidr } from "../neutron/addresses.ts";
import { floatingAddress } from "../neutron/floating-ips.ts";
import type { PortFacts, ServerFacts } from "../options.ts";
import { type Server, keypairKey } from "../state.ts";

/** Lets the driver work; what the driver has no part in is done at once. */
export function drive(work: (() => void | Promise<void>) | undefined, done: () => void, failed: (why: string) => void) {
  if (work === undefined) {
    done();
    return;
  }
  void (async () => {
    try {
      await work();
    } catch (error) {
      failed(error instanceof Error ? error.message : String(error));
      return;
    }
    done();
  })();
}

/** The server as its compute driver gets to know it. */
export function serverFacts(core: Core, server: Server): ServerFacts {
  const { state } = core;
  const keypair = server.keyName === null ? undefined : state.keypairs.get(keypairKey(server.userId, server.keyName));
  return {
    id: server.id,
    name: server.name,
    projectId: server.projectId,
    flavour: server.flavour,
    imageId: server.imageId,
    imageName: state.images.get(server.imageId)?.name ?? "",
    publicKey: keypair?.publicKey ?? null,
    userData: server.userData === null ? null : Buffer.from(server.userData, "base64"),
    metadata: server.metadata,
    ports: server.portIds.flatMap((id) => portFacts(core, id) ?? []),
  };
}

function portFacts(core: Core, id: string): PortFacts | undefined {
  const { state } = core;
  const port = state.ports.get(id);
  const network = port && state.networks.get(port.networkId);
  if (port === undefined || network === undefined) return undefined;
  const { gateway, cidr } = network.subnet;
  const floatingIp = [...state.floatingIps.values()].find(({ portId }) => portId === id);
  return {
    id,
    network: network.name,
    mac: port.mac,
    address: addressText(network, port.address),
    prefixLength: parseCidr(cidr).prefixLength,
    gateway: gateway === null ? null : addressText(network, gateway),
    floatingIp: floatingIp === undefined ? null : floatingAddress(core, floatingIp),
  };
}
