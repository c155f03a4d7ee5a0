/** What a node is asked when somebody wants to know what ails it: commands, and the files their answers go to. Pure. */
import { fileMode } from "./file-modes.ts";
import type { Role } from "./firewall.ts";
import { templatesOf, type Templates } from "./templates.ts";
import { units } from "./units.ts";

export type Evidence = {
  /** Below the node's folder: `journal/spark-worker.log`. */
  file: string;
  /** As root; both its streams are the answer. */
  command: readonly string[];
};

export const bootLog = "/var/log/hailstack/boot.log";
const sparkDefaults = "/etc/spark/conf/spark-defaults.conf";
/** Files of the image, and of the first boot. */
const others = ["/etc/hailstack/cluster.env", "/etc/hailstack/image.json", "/var/lib/hailstack/boot.json"];

/** Everything of a node of this role that tells how it is, except its secrets and what is made of them. */
export function nodeEvidence(role: Role, templates: Templates): Evidence[] {
  const journal = ["journalctl", "--boot", "--no-pager", "--output=short-iso"];
  const files = [...Object.keys(templatesOf(templates, role)).filter(isEverybodys), ...others];
  return [
    { file: "report.json", command: ["/usr/libexec/hailstack/report"] },
    { file: "boot.log", command: ["cat", bootLog] },
    { file: "cloud-init.txt", command: ["cloud-init", "status", "--long"] },
    { file: "failed-units.txt", command: ["systemctl", "--failed", "--no-pager", "--full"] },
    ...(role === "master" ? [{ file: "ready.json", command: ["cat", "/run/hailstack/ready.json"] }] : []),
    { file: "journal/kernel.log", command: [...journal, "--dmesg"] },
    ...units[role].map((unit) => ({ file: `journal/${unit}.log`, command: [...journal, `--unit=${unit}.service`] })),
    ...files.toSorted().map((path) => ({ file: `files${path}`, command: ["cat", path] })),
    { file: `files${sparkDefaults}`, command: ["grep", "-vi", "secret", sparkDefaults] },
  ];
}

/** Hashes of passwords are not for an archive that is sent around either. */
function isEverybodys(path: string): boolean {
  const { secret, mode } = fileMode(path);
  return !secret && mode === "0644";
}
