/** `Nodes` over ssh2: one connection a node, made when it is first needed, kept, and made anew when it was lost. */
import type { Client } from "ssh2";
import type { NodeAddress, Nodes, NodesOptions } from "../world.ts";
import { NotBegun, openWay, runOn } from "./channel.ts";
import { connect } from "./connect.ts";
import { openGate, type Gate } from "./gate.ts";
import { commandsAtOnce, workersAtOnce, sshPort } from "./limits.ts";
import { findLogin } from "./login.ts";
import { lost } from "./trouble.ts";
import { openTunnel } from "./tunnel.ts";

/** @throws HailstackError (1) `ssh-key-unreadable` or `ssh-no-agent` */
export async function openNodes(options: NodesOptions): Promise<Nodes> {
  const { master, workers, unknownHostKey } = options;
  const login = await findLogin(options);
  const nodes = new Map([master, ...workers].map((node) => [node.name, { ...node }]));
  const connections = new Map<string, Promise<Client>>();
  const commands = new Map<string, Gate>();
  const workersGate = openGate(workersAtOnce);

  function connection(node: NodeAddress): Promise<Client> {
    const there = connections.get(node.name);
    if (there) return there;
    const made = dial(node);
    connections.set(node.name, made);
    const forget = () => {
      if (connections.get(node.name) === made) connections.delete(node.name);
    };
    made.then((client) => client.once("close", forget), forget);
    return made;
  }

  /** Once there was a way in, the key that was shown is the only one. */
  async function pin(name: string, key: string): Promise<void> {
    await unknownHostKey?.(name, key);
    nodes.set(name, { ...nodeNamed(name), hostKeys: [key] });
  }

  async function dial(node: NodeAddress): Promise<Client> {
    const target = { node: nodeNamed(node.name), login, unknownHostKey: unknownHostKey && pin };
    if (node.name === master.name) return connect(target);
    return workersGate(async () => {
      const sock = await on(master, (client) => openWay(client, node.address, node.port ?? sshPort, node));
      return connect({ ...target, sock });
    });
  }

  /** On the connection that is there, or, when that turns out to have ended, on a new one: once. */
  async function on<T>(node: NodeAddress, work: (client: Client) => Promise<T>): Promise<T> {
    const there = connection(node);
    try {
      return await work(await there);
    } catch (error) {
      if (!(error instanceof NotBegun)) throw error;
      if (connections.get(node.name) === there) connections.delete(node.name);
      return work(await connection(node)).catch((again: unknown) => {
        throw again instanceof NotBegun ? lost(node.name, "nothing yet", again) : again;
      });
    }
  }

  function nodeNamed(name: string): NodeAddress {
    const node = nodes.get(name);
    if (!node) throw new Error(`the cluster has no node ${name}`);
    return node;
  }

  function gateOf(name: string): Gate {
    const gate = commands.get(name) ?? openGate(commandsAtOnce);
    commands.set(name, gate);
    return gate;
  }

  return {
    async run(name, command, limits = {}) {
      const node = nodeNamed(name);
      return gateOf(name)(() => on(node, (client) => runOn(client, node, command, limits)));
    },
    async forward(name, localPort, remotePort) {
      const node = nodeNamed(name);
      await connection(node);
      return openTunnel(localPort, () => on(node, (client) => openWay(client, "127.0.0.1", remotePort, node)));
    },
    async close() {
      const open = await Promise.all([...connections.values()].map((one) => one.catch(() => undefined)));
      connections.clear();
      // The master's last: the others go through it.
      for (const client of open.toReversed()) client?.end();
      await Promise.all(open.map(closed));
    },
  };
}

/** A far side that does not take its leave is not waited for. */
const patienceMs = 1000;

function closed(client: Client | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (!client) return resolve();
    const timer = setTimeout(() => {
      client.destroy();
      resolve();
    }, patienceMs);
    client.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
