/** What happens to a server between requests: it is built, it fails, it goes away. */
import type { Core } from "../core.ts";
import { removePort } from "../neutron/ports.ts";
import type { Port, Server } from "../state.ts";
import { drive, serverFacts } from "./server-facts.ts";

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
  const { create } = core.compute;
  drive(create && (() => create(serverFacts(core, server))), started, (reason) => failServer(core, server, reason));
}

function plug(core: Core, server: Server, port: Port): void {
  port.deviceId = server.id;
  port.deviceOwner = "compute:nova";
  port.updatedAt = core.clock.now();
  port.revision += 1;
  server.portIds.push(port.id);
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
  const { remove } = core.compute;
  drive(remove && (() => remove(serverFacts(core, server))), end, end);
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
