/** `[ssh_keys]` and `[security_groups]`: who may come in. */
import * as z from "zod/mini";
import { onOff, texts } from "../fields.ts";
import { cidr } from "../network-rules.ts";
import { rangesOnce } from "../range-list.ts";
import { sshPublicKey } from "../ssh-key-rule.ts";

export const sshKeysTable = z.strictObject({
  public_keys: texts([], {
    meaning: "SSH public keys that may log in to every node; the first is also the OpenStack keypair. At least one.",
    rule: sshPublicKey,
    example: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINXBQcT93BqNzHZ4W5oSCu8EhgbYnqwK08R0Bnepko2Z you@laptop"],
    live: "refused",
    why: "keys reach a node at its first boot only, so every node would have to be replaced",
  }),
});

const switches = [
  "ssh",
  "http",
  "https",
  "spark_master",
  "spark_worker",
  "jupyter",
  "hdfs",
  "netdata",
  "all_tcp_internal",
] as const;
type Switch = (typeof switches)[number];
type Switches = Record<Switch, boolean>;

/** What a table that is there, but leaves a switch out, takes for it. */
const partial = onlyOn("ssh");
/** What a role has without a table. */
export const presets = {
  master: onlyOn("ssh", "http", "https", "spark_master", "jupyter", "hdfs", "netdata"),
  worker: onlyOn("spark_worker", "hdfs", "all_tcp_internal"),
} as const;

function onlyOn(...on: Switch[]): Switches {
  const each = (name: Switch): boolean => on.includes(name);
  return {
    ssh: each("ssh"),
    http: each("http"),
    https: each("https"),
    spark_master: each("spark_master"),
    spark_worker: each("spark_worker"),
    jupyter: each("jupyter"),
    hdfs: each("hdfs"),
    netdata: each("netdata"),
    all_tcp_internal: each("all_tcp_internal"),
  };
}

const onMaster: Partial<Record<Switch, string>> = {
  ssh: "Opens SSH (TCP 22).",
  http: "Opens TCP 80, which only leads to HTTPS.",
  https: "Opens TCP 443: JupyterLab and all pages, behind a password.",
  spark_master: "Opens the Spark master (TCP 7077).",
  jupyter: "Opens JupyterLab itself (TCP 8888), beside its page on 443.",
  hdfs: "Opens the HDFS name node (TCP 9820), which asks for no password.",
  netdata: "Opens Netdata itself (TCP 19999), which asks for no password, while monitoring is on.",
};
const onWorker: Partial<Record<Switch, string>> = {
  spark_worker: "Opens Spark on the workers (TCP 7078-7099).",
  hdfs: "Opens the HDFS data nodes (TCP 9866), which ask for no password.",
  all_tcp_internal: "Lets the cluster's own nodes reach the workers on every TCP port.",
};

type Role = keyof typeof presets;
const meanings = { master: onMaster, worker: onWorker };

function switchField(role: Role, name: Switch) {
  const [whole, alone] = [presets[role][name], partial[name]];
  return onOff(alone, {
    meaning: meanings[role][name] ?? `Accepted, and opens nothing on ${role === "master" ? "the master" : "workers"}.`,
    example: whole,
    live: "in place",
    why: "only the rule is added or removed",
    ...(whole === alone ? {} : { defaultText: `\`${whole}\`; \`${alone}\` where the table leaves it out` }),
  });
}

/** Written out, so that the compiler knows each key. */
const switchTable = (role: Role) =>
  z._default(
    z.strictObject({
      ssh: switchField(role, "ssh"),
      http: switchField(role, "http"),
      https: switchField(role, "https"),
      spark_master: switchField(role, "spark_master"),
      spark_worker: switchField(role, "spark_worker"),
      jupyter: switchField(role, "jupyter"),
      hdfs: switchField(role, "hdfs"),
      netdata: switchField(role, "netdata"),
      all_tcp_internal: switchField(role, "all_tcp_internal"),
    }),
    presets[role],
  );

const allowedCidrs = texts(["0.0.0.0/0"], {
  meaning: "IPv4 ranges that the open ports of both roles are open to.",
  rule: cidr,
  example: ["192.0.2.0/24"],
  live: "in place",
  why: "only the rules are exchanged",
});

export const securityGroupsTable = z
  .strictObject({ allowed_cidrs: allowedCidrs, master: switchTable("master"), worker: switchTable("worker") })
  .check(rangesOnce("name each range once; to close a port, set its switch to false"));
