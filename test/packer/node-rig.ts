/** What the tests of a node's programs share: the programs over this machine's files, among programs that stand in. */
import { cpSync } from "node:fs";
import { join } from "node:path";
import { inOverlay, kit, layFiles, run, temporaryFolder, type Overlaid, type Ran } from "./rig.ts";

/** How a program that stands in answers a call that `call`, an expression for all of it, matches. */
export type Rule = { call: string; code?: number; out?: string; run?: string };
export type OnNode = Overlaid & { calls: string[] };
export type Setting = {
  /** Changes to cluster.json; null leaves the file out. */ facts?: Record<string, unknown> | null;
  rules?: readonly Rule[];
  /** Further files by their path, readable for all. */ files?: Record<string, string>;
  /** Further programs by their path. */ programs?: Record<string, string>;
  env?: Record<string, string>;
};

export const address = "10.99.0.10";
export const hosts = `127.0.0.1 localhost\n::1 localhost\n${address} c1-master master\n10.99.0.11 c1-worker-01 worker-01\n`;
export const facts = {
  cluster: "c1",
  cluster_id: "0123456789abcdef",
  role: "master",
  hostname: "c1-master",
  master: "c1-master",
  ssh_username: "ubuntu",
  monitoring: false,
  volume: null,
  lustre: null,
  extras: { system_packages: [], python_packages: [] },
};
export const volume = { id: "1b2c3d4e-5f60-4711-8899-aabbccddeeff", kind: "new", mount: "/home/ubuntu/data" };

const users = [
  "root:x:0:0::/root:/bin/bash",
  "hdfs:x:981:980::/:/bin/false",
  "ubuntu:x:1000:1000::/home/ubuntu:/bin/sh",
];
const groups = ["root:x:0:", "adm:x:4:", "shadow:x:42:", "hadoop:x:980:", "ubuntu:x:1000:"];
const etc = {
  passwd: `${users.join("\n")}\n`,
  group: `${groups.join("\n")}\n`,
  shadow: users.map((user) => `${user.split(":")[0]}:*:1::::::\n`).join(""),
  gshadow: groups.map((group) => `${group.split(":")[0]}:!::\n`).join(""),
  hosts,
};
const standIns =
  "systemctl systemd-tmpfiles modprobe nginx udevadm apt-get dpkg dpkg-query uv journalctl timedatectl cryptsetup";

/**
 * Runs a shell's `script` as root on what could be a node: its programs and units, a cluster.json, users, a network of
 * its own with the master's address. Every program that would reach further stands in, and knows `rules` alone.
 */
export async function onNode(script: string, setting: Setting = {}): Promise<OnNode> {
  const { rules = [], files = {}, programs = {}, env = {} } = setting;
  const told =
    setting.facts === null ? {} : { "etc/hailstack/cluster.json": JSON.stringify({ ...facts, ...setting.facts }) };
  const system = layFiles(temporaryFolder(), { ...told, ...files });
  layFiles(
    system,
    Object.fromEntries(Object.entries(etc).map(([name, text]) => [`etc/${name}`, files[`etc/${name}`] ?? text])),
  );
  layFiles(system, programs, 0o755);
  const program = standIn(rules);
  const standing = layFiles(
    temporaryFolder(),
    Object.fromEntries(standIns.split(" ").map((name) => [name, program])),
    0o755,
  );
  const inside = `hostname c1-master && ip link set lo up && ip addr add ${address}/32 dev lo || exit 90
    mkdir -p /home/ubuntu && chown 1000:1000 /home/ubuntu
    ${script}`;
  const ran = await inOverlay(["unshare", "--uts", "--net", "--ipc", "bash", "-c", inside], {
    put: { "/": join(kit, "files/services"), "/.": join(kit, "files/storage"), "/./": system, "/stand-in": standing },
    env: { PATH: "/stand-in:/usr/sbin:/usr/bin:/sbin:/bin", ...env },
  });
  return { ...ran, calls: (ran.read("/stand-in/calls") ?? "").split("\n").filter(Boolean) };
}

/** A program that answers by the first rule that knows the call, and notes it. A call that none knows ends with 97. */
function standIn(rules: readonly Rule[]): string {
  const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const branches = rules.flatMap(({ call, code = 0, out = "", run: line = "" }) => [
    `rule=${quoted(`^(${call})$`)}`,
    "if [[ $call =~ $rule ]]; then",
    `  printf '%s\\n' "$call" >>/stand-in/calls; printf %s ${quoted(out)}`,
    `  ${line || `exit ${code}`}; exit`,
    "fi",
  ]);
  const end = `printf 'UNEXPECTED %s\\n' "$call" >>/stand-in/calls; exit 97`;
  return ["#!/bin/bash", 'call="${0##*/} $*"', ...branches, end, ""].join("\n");
}

/** Runs Python's `code` among the node's modules, as whoever runs the test. */
export async function inPython(code: string, ...args: string[]): Promise<Ran> {
  const folder = temporaryFolder();
  for (const stage of ["services", "storage"])
    cpSync(join(kit, `files/${stage}/usr/libexec/hailstack`), folder, { recursive: true });
  return run("/usr/bin/python3", ["-B", "-c", code, ...args], { ...process.env, PYTHONPATH: folder });
}
