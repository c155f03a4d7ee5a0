/** A toolchain whose engine counts the signals it gets. */
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { testPython } from "../support/s3.ts";

/** Makes it as `folder`. @returns how many signals each engine got so far, by process id */
export function countSignals(folder: string): () => Map<string, number> {
  mkdirSync(folder);
  const real = process.env.HAILSTACK_TOOLCHAIN ?? "";
  const program = readFileSync(new URL("signal-counter.py", import.meta.url), "utf8");
  writeFileSync(join(folder, "pulumi"), `#!${testPython()}\n${program}`, { mode: 0o755 });
  symlinkSync(join(real, "pulumi"), join(folder, "pulumi.real"));
  symlinkSync(join(real, "pulumi-resource-openstack"), join(folder, "pulumi-resource-openstack"));
  const log = join(folder, "signals");
  return () => {
    const counts = new Map<string, number>();
    if (!existsSync(log)) return counts;
    for (const pid of readFileSync(log, "utf8").trim().split("\n")) counts.set(pid, (counts.get(pid) ?? 0) + 1);
    return counts;
  };
}
