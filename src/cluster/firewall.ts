/** Security-group switches → port rules. All are ingress, IPv4, TCP; egress stays as Neutron makes it. */
import type { Config } from "../config/schema.ts";

export type Role = "master" | "worker";
export type PlannedRule = {
  /** Logical and unique: `c1-master-sg-ssh`. */
  name: string;
  role: Role;
  /**
   * First and last port; absent for every port. Neutron drops a range of 1-65535 from a rule, which would then look
   * changed at each run.
   */
  ports?: readonly [number, number];
  from: { cidr: string } | { group: Role };
};

/** The ports behind each switch of the contract. */
const switches = {
  master: {
    ssh: [22, 22],
    http: [80, 80],
    https: [443, 443],
    spark_master: [7077, 7077],
    jupyter: [8888, 8888],
    hdfs: [9820, 9820],
    netdata: [19999, 19999],
  },
  worker: { spark_worker: [7078, 7099], hdfs: [9866, 9866] },
} as const;
/** Behind these listens a service that asks outsiders for no password of its own. */
const unauthenticated: ReadonlySet<string> = new Set(["spark_master", "spark_worker", "hdfs", "netdata"]);

/** Every rule of a cluster's two groups. */
export function firewallRules(config: Config): PlannedRule[] {
  const { name: cluster } = config.cluster;
  const internal = (name: string, role: Role, from: Role): PlannedRule => ({
    name: `${cluster}-${name}`,
    role,
    from: { group: from },
  });
  return [
    ...publicRules(config),
    // Executors call the driver, which runs on the master, on any port it chose.
    internal("master-from-workers", "master", "worker"),
    ...(config.security_groups.worker.all_tcp_internal
      ? [internal("worker-from-master", "worker", "master"), internal("worker-from-workers", "worker", "worker")]
      : // The master is the only way in to a worker: without this, status, reboot and install could not reach it.
        [{ ...internal("worker-ssh-from-master", "worker", "master"), ports: [22, 22] as const }]),
  ];
}

function publicRules(config: Config): PlannedRule[] {
  const { security_groups: groups, cluster } = config;
  const rules: PlannedRule[] = [];
  for (const role of ["master", "worker"] as const) {
    const open: Readonly<Record<string, unknown>> = groups[role];
    for (const [toggle, ports] of Object.entries(switches[role])) {
      if (open[toggle] !== true || (toggle === "netdata" && cluster.monitoring !== "netdata")) continue;
      for (const cidr of groups.allowed_cidrs) {
        // The plain name is the usual case's; a narrowed list names each range, so that one can change alone.
        const suffix = cidr === "0.0.0.0/0" ? "" : `-${cidr.replace("/", "_")}`;
        rules.push({ name: `${cluster.name}-${role}-sg-${toggle}${suffix}`, role, ports, from: { cidr } });
      }
    }
  }
  return rules;
}

/** No one network is as large as a /7: such a range is the world, or a part of it. */
const narrowestWorld = 7;

/** The switches that let the whole world reach a service without a password: `master.hdfs`. */
export function worldOpenServices(config: Config): string[] {
  const isWorld = (cidr: string) => Number(cidr.split("/")[1]) <= narrowestWorld;
  if (!config.security_groups.allowed_cidrs.some(isWorld)) return [];
  return (["master", "worker"] as const).flatMap((role) => {
    const open: Readonly<Record<string, unknown>> = config.security_groups[role];
    return Object.keys(switches[role])
      .filter((toggle) => open[toggle] === true && unauthenticated.has(toggle))
      .filter((toggle) => toggle !== "netdata" || config.cluster.monitoring === "netdata")
      .map((toggle) => `${role}.${toggle}`);
  });
}
