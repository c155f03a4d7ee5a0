/**
 * Real SSH to the servers of a simulated cloud, at their floating IPs on loopback: whoever has the private half of a
 * server's key pair gets in, as long as the server runs, has the address, and a security group of its port admits us.
 */
import { timingSafeEqual } from "node:crypto";
import { createServer, type Server as NetServer, type Socket } from "node:net";
import { Server as SshServer, utils, type AuthContext, type Connection, type Session } from "ssh2";
import type { SimulatedCloud } from "../cloud/cloud.ts";
import { addressText } from "../cloud/neutron/addresses.ts";
import { keypairKey, type Server } from "../cloud/state.ts";
import { type Behaviour, type Machine, openMachine } from "./machine.ts";

const port = 22;

export type BuildServers = {
  /** How the bakes that begin from now on go. */
  behave(behaviour: Behaviour): void;
  /** Every command that was run, oldest first. */
  commands(): readonly string[];
  /** The disk of the last server that was reached; it is there until `stop`. */
  disk(): string;
  stop(): Promise<void>;
};

/** Whether this process may listen where the template expects SSH, and nobody else does: root's alone, mostly. */
export async function canListen(): Promise<boolean> {
  try {
    const server = await listen("127.0.0.1", () => {});
    await close(server);
    return true;
  } catch {
    return false;
  }
}

export async function startBuildServers(cloud: () => SimulatedCloud, addresses: readonly string[], user: string) {
  const machines = new Map<string, Machine>();
  const sockets = new Set<Socket>();
  const commands: string[] = [];
  let behaviour: Behaviour = {};
  let last = "";

  function machineOf({ id }: Server): Machine {
    const machine = machines.get(id) ?? openMachine(() => behaviour);
    machines.set(id, machine);
    last = machine.disk;
    return machine;
  }
  const hostKey = utils.generateKeyPairSync("ed25519").private;
  /** By the far side's port. */
  const arriving = new Map<number, Server>();
  const ssh = new SshServer({ hostKeys: [hostKey] }, (client, info) => serve(client, arriving.get(info.port)));

  function serve(client: Connection, server: Server | undefined): void {
    client.on("error", () => {});
    client.on("authentication", (context) => {
      if (server !== undefined && letIn(cloud(), server, user, context)) context.accept();
      else context.reject(["publickey"]);
    });
    client.on("session", (accept) => {
      if (server !== undefined) open(accept(), machineOf(server));
    });
  }
  function open(session: Session, machine: Machine): void {
    session.on("exec", (accept, _, { command }) => {
      commands.push(command);
      void machine.run(command, accept());
    });
  }
  const listeners = await Promise.all(
    addresses.map((address) =>
      listen(address, (socket) => {
        sockets.add(socket);
        socket.once("close", () => sockets.delete(socket));
        const server = serverAt(cloud(), address);
        if (server === undefined) socket.destroy();
        else {
          arriving.set(socket.remotePort ?? 0, server);
          ssh.injectSocket(socket);
        }
      }),
    ),
  );
  const servers: BuildServers = {
    behave: (next) => (behaviour = next),
    commands: () => commands,
    disk: () => last,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await Promise.all(listeners.map(close));
      for (const machine of machines.values()) machine.end();
    },
  };
  return servers;
}

/** The one that runs, has the address and may be reached by SSH from everywhere. */
function serverAt({ state }: SimulatedCloud, address: string): Server | undefined {
  const floating = [...state.floatingIps.values()].find((one) => {
    const network = state.networks.get(one.networkId);
    return network !== undefined && addressText(network, one.address) === address;
  });
  const target = floating?.portId == null ? undefined : state.ports.get(floating.portId);
  if (target === undefined) return undefined;
  const isOpen = [...state.rules.values()].some(
    (rule) =>
      target.groupIds.includes(rule.groupId) &&
      rule.direction === "ingress" &&
      rule.protocol === "tcp" &&
      rule.portMin === port &&
      rule.portMax === port &&
      rule.prefix === "0.0.0.0/0",
  );
  const server = state.servers.get(target.deviceId);
  return isOpen && server?.vmState === "active" ? server : undefined;
}

/** By the public key that Nova has given the server. */
function letIn({ state }: SimulatedCloud, server: Server, user: string, context: AuthContext): boolean {
  const keypair = server.keyName === null ? undefined : state.keypairs.get(keypairKey(server.userId, server.keyName));
  const key = keypair && utils.parseKey(keypair.publicKey);
  if (key === undefined || key instanceof Error) return false;
  if (context.method !== "publickey" || context.username !== user) return false;
  const known = key.getPublicSSH();
  if (known.length !== context.key.data.length || !timingSafeEqual(known, context.key.data)) return false;
  // Without a signature it only asks whether the key would do.
  if (context.signature === undefined || context.blob === undefined) return true;
  return key.verify(context.blob, context.signature, context.hashAlgo) === true;
}

function listen(address: string, onSocket: (socket: Socket) => void): Promise<NetServer> {
  return new Promise((resolve, reject) => {
    const server = createServer(onSocket);
    server.once("error", reject);
    server.listen(port, address, () => resolve(server));
  });
}

const close = (server: NetServer): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
