/** A toolchain whose programs note what they were started with before they become the real ones. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type Started = { program: string; argv: string[]; env: Record<string, string> };
export type RecordedTools = {
  /** For HAILSTACK_TOOLCHAIN. */
  folder: string;
  /** Every start so far. */
  started(): Started[];
};

const programs = ["pulumi", "pulumi-resource-openstack", "packer", "packer-plugin-openstack"];

/** `npm test` says where the real ones are. */
export function recordTools(parent: string): RecordedTools {
  const real = process.env.HAILSTACK_TOOLCHAIN;
  if (!real) throw new Error("HAILSTACK_TOOLCHAIN is not set; run this through npm test");
  const [folder, log] = [join(parent, "toolchain"), join(parent, "started")];
  mkdirSync(folder);
  mkdirSync(log);
  for (const program of programs) {
    const note = `{ printf '%s\\0' ${program} $# "$@"; cat /proc/$$/environ; } > '${log}/${program}-'$$`;
    writeFileSync(join(folder, program), `#!/bin/sh\n${note}\nexec '${real}/${program}' "$@"\n`, { mode: 0o755 });
  }
  return { folder, started: () => readdirSync(log).map((name) => parse(readFileSync(join(log, name), "utf8"))) };
}

function parse(record: string): Started {
  const [program = "", count = "0", ...rest] = record.split("\0");
  const env = rest.slice(Number(count)).map((line) => [line.split("=")[0], line.slice(line.indexOf("=") + 1)]);
  return { program, argv: rest.slice(0, Number(count)), env: Object.fromEntries(env) };
}
