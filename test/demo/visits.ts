/** What the demo does on real nodes. */
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Surroundings } from "./surroundings.ts";

/** Every server of the cloud is the demo's. */
const shortNames = ({ cloud }: Surroundings): string[] =>
  [...cloud.state.servers.values()].map(({ name }) => name.replace(/^demo-/, "")).toSorted();

/** @throws Error when a node has not ended its first boot well, or does not find another */
export async function bootedNodes(around: Surroundings): Promise<string> {
  const nodes = await around.nodes();
  const names = shortNames(around);
  const find = names.map((name) => `getent ahostsv4 demo-${name} >/dev/null`).join(" && ");
  await Promise.all(
    names.map(async (name) => {
      const told = await nodes.run(name, `cloud-init status --wait --long; ${find} && echo found`);
      if (!/^status: done$/m.test(told) || !told.endsWith("found")) throw new Error(`${name}: ${told}`);
    }),
  );
  return `${names.join(", ")}: first boot done, every name found`;
}

/** Leaves the cluster there until Enter is pressed, or its reader goes away. */
export async function lookAround({ folder }: Surroundings): Promise<string> {
  process.stdout.write(`In another terminal:  ssh -F ${folder}/ssh_config master\nEnter goes on. `);
  const lines = createInterface(process.stdin);
  await Promise.race([once(lines, "line"), once(lines, "close")]);
  lines.close();
  return "seen";
}
