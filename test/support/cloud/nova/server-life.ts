/** What happens to a server between requests: it is built, it fails, it goes away. */
import type { Core } from "../core.ts";
import { addressText, parseCidr } from "../neutron/addresses.ts";
import { removePort } from "../neutron/ports.ts";
import type { ServerFacts, ServerHook } from "../options.ts";
import { type Port, type Server, keypairKey } from "../state.ts";

const noValidHost = "No valid host was found. There are not enough hosts available.";

/** Finds a host, plugs the ports in, has the server booted, and makes it ACTIVE or ERROR. */
export function buildServer(core: Core, server: Server, ports: () => Port[]): void {
  const running = [...core.state.servers.values()].filter(({ vmState }) => vmState !== "error").length;
  if (running > core.capacity.servers) {
    core.clock.after(core.delays.build, () => failServer(core, server, noValidHost));
    return;
  }
  for (const port of ports()) plug(core, server, port);
  server.taskState = "spawning";
  const started = () => core.clock.after(core.delays.build, () => activate(core, server));
  run(core.onServer, core, server, started, (reason) => failServer(core, server, reason));
}

function plug(core: Core, server: Server, port: Port): void {
  port.deviceId = server.id;
  port.deviceOwner = "compute:nova";
  port.updatedAt = core.clock.now();
  port.revision += 1;
  server.portIds.push(port.id);
}

/** Calls a hook if there is one; without, all goes on at once. */
function run(
  hook: ServerHook | undefined,
  core: Core,
  server: Server,
  done: () => void,
  failed: (why: string) => void,
) {
  if (hook === undefined) {
    done();
    return;
  }
  void (async () => {
    try {
      await hook(serverFacts(core, server));
    } catch (error) {
      failed(error instanceof Error ? error.message : String(error));
      return;
    }
    done();
  })();
}

function activate(core: Core, server: Server): void {
  if (server.vmState !== "building") return;
  server.vmState = "active";
  server.taskState = null;
  server.launchedAt = core.clock.now();
  server.updatedAt = core.clock.now();
}

/** To ERROR, with Nova's reason. */
export function failServer(core: Core, server: Server, message: string): void {
  server.vmState = "error";
  server.taskState = null;
  server.fault = { message, code: 500, at: core.clock.now() };
  server.updatedAt = core.clock.now();
}

/** Starts to delete a server; a second call while it goes changes nothing. */
export function deleteServer(core: Core, server: Server): void {
  if (server.taskState === "deleting") return;
  server.taskState = "deleting";
  const end = () => core.clock.after(core.delays.delete, () => removeServer(core, server));
  run(core.onServerGone, core, server, end, end);
}

/** Takes a server away: what Nova made goes with it, the rest is set free. */
export function removeServer(core: Core, server: Server): void {
  for (const portId of server.portIds) {
    const port = core.state.ports.get(portId);
    if (port === undefined) continue;
    if (port.madeByNova) removePort(core, port);
    port.deviceId = "";
    port.deviceOwner = "";
  }
  for (const volume of core.state.volumes.values()) {
    if (volume.attachment?.serverId !== server.id) continue;
    volume.attachment = null;
    volume.status = "available";
  }
  core.state.servers.delete(server.id);
}

export function serverFacts({ state }: Core, server: Server): ServerFacts {
  const keypair = server.keyName === null ? undefined : state.keypairs.get(keypairKey(server.userId, server.keyName));
  return {
    id: server.id,
    name: server.name,
    projectId: server.projectId,
    flavour: server.flavour,
    imageId: server.imageId,
    imageName: state.images.get(server.imageId)?.name ?? "",
    publicKey: keypair?.publicKey ?? null,
    userData: server.userData === null ? null : Buffer.from(server.userData, "base64").toString(),
    metadata: server.metadata,
    ports: server.portIds.flatMap((id) => {
      const port = state.ports.get(id);
      const network = port && state.networks.get(port.networkId);
      if (port === undefined || network === undefined) return [];
      const { gateway, cidr } = network.subnet;
      return {
        id,
        network: network.name,
        mac: port.mac,
        address: addressText(network, port.address),
        prefixLength: parseCidr(cidr).prefixLength,
        gateway: gateway === null ? null : addressText(network, gateway),
      };
    }),
  };
}
