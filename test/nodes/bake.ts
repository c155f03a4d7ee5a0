/**
 * `npm run bake -- nodes [--fresh]`: bakes the tests' bundle into a root file system for real systemd nodes, as root,
 * and prints its folder. What was baked from the same scripts and data is there at once; `--fresh` bakes anew,
 * without the downloads that were kept. `npm run bake -- boot` boots
 * it (boot.ts), `npm run bake -- failures` plays how bakes go wrong (failures.ts).
 */
import { parseArgs } from "node:util";
import { bakedRoot } from "./baked.ts";

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { fresh: { type: "boolean" } } });
  const [what = ""] = positionals;
  if (what === "failures") return void (await import("./failures.ts"));
  if (what !== "nodes" && what !== "boot") throw new Error("usage: npm run bake -- nodes [--fresh] | boot | failures");
  if (process.getuid?.() !== 0) throw new Error("a bake needs root");
  const abort = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => abort.abort());
  const say = (text: string): void => void process.stderr.write(`bake: ${text}\n`);
  const root = await bakedRoot({ fresh: values.fresh ?? false, signal: abort.signal, say });
  if (what === "boot") return (await import("./boot.ts")).bootImage(root);
  process.stdout.write(`${root}\n`);
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    process.stderr.write(`bake: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
