/** A compute driver: every server of a simulated cloud is a real node of one bed, of the server's name. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ComputeDriver, NetworkOptions, ServerFacts } from "../support/cloud/options.ts";
import type { Bed } from "./bed.ts";

/** What Nova hands out of a console at most, in characters. */
const consoleLength = 102_400;

/** The networks of a cloud whose servers are nodes of this bed: one for all, and one for floating IPs. */
export const bedNetworks = ({ net }: Pick<Bed, "net">): NetworkOptions[] => [
  { name: "public", cidr: `${publicNet(net)}.0/24`, pool: [10, 250], external: true },
  // The bridge is the gateway.
  { name: "cloudforms_network", cidr: `${net}.0/24`, pool: [10, 250], routed: true },
];

/** `10.97.5` → `172.25.5`. */
const publicNet = (net: string): string => `172.25.${net.split(".").at(-1)}`;

/** Boots every server from the root file system `root`, with the memory of its flavour and this machine's cores. */
export function bedCompute(bed: Bed, root: string): ComputeDriver {
  const inTurn = oneAfterTheOther();
  const power = { true: "on", false: "halt" } as const;
  return {
    create: (server) => inTurn(server.id, () => boot(bed, root, server)),
    remove: (server) => inTurn(server.id, async () => void (await bed.nodes("remove", server.name))),
    reboot: (server, kind) =>
      inTurn(server.id, async () => void (await bed.nodes(kind === "hard" ? "reset" : "reboot", server.name))),
    power: (server, on) => inTurn(server.id, async () => void (await bed.nodes(power[`${on}`], server.name))),
    console: ({ name }) => bed.console(name).slice(-consoleLength),
    floatingIp: ({ id, name }, _, address, leads) =>
      inTurn(id, async () => void (await bed.nodes(leads ? "float" : "unfloat", name, address))),
    attach() {
      throw new Error("a container has no disks; volumes need a lab's machines");
    },
  };
}

/** Work for one server waits for the work that was asked for earlier. */
function oneAfterTheOther() {
  const last = new Map<string, Promise<unknown>>();
  return (id: string, work: () => Promise<void>): Promise<void> => {
    const mine = (last.get(id) ?? Promise.resolve()).then(work, work);
    last.set(id, mine);
    return mine;
  };
}

async function boot(bed: Bed, root: string, server: ServerFacts): Promise<void> {
  const [port, ...others] = server.ports;
  if (port === undefined || others.length > 0) throw new Error(`a node has one port, not ${server.ports.length}`);
  const seed = mkdtempSync(join(tmpdir(), "hailstack-seed-"));
  try {
    // JSON is YAML.
    const metaData = {
      "instance-id": server.id,
      "local-hostname": server.name,
      "public-keys": server.publicKey === null ? [] : [server.publicKey.trim()],
    };
    writeFileSync(join(seed, "meta-data"), `${JSON.stringify(metaData)}\n`, { mode: 0o600 });
    writeFileSync(join(seed, "user-data"), server.userData ?? "", { mode: 0o600 });
    const memory = String(server.flavour.ramMib);
    await bed.nodes("add", server.name, port.address, "--root", root, "--seed", seed, "--memory", memory);
    if (port.floatingIp !== null) await bed.nodes("float", server.name, port.floatingIp);
  } finally {
    rmSync(seed, { recursive: true, force: true });
  }
}
