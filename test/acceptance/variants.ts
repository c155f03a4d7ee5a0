/** The kinds of cluster that are lived through, each as what it has beside the usual config. */
import type { Fields } from "../support/rig-config.ts";
import type { LoginKind } from "./credentials.ts";
import type { Item, Kind } from "./inventory.ts";
import type { Project } from "./project.ts";

export type Variant = {
  name: string;
  fields?: Fields | ((project: Project) => Promise<Fields>);
  /** "openrc" by default. */
  login?: LoginKind;
  /** How many things of a kind a first create makes, where that is not the usual number. */
  makes?: Partial<Record<Kind, number>>;
  /** Ports of each node; 1 by default. */
  networks?: number;
  /** What is wrong with the rules, if anything. */
  rules?: (rules: readonly Item[]) => string | undefined;
  /** Stays when the cluster is destroyed. */
  keeps?: Kind;
};

const narrow = ["192.0.2.0/24", "198.51.100.7/32"];
const netdata = 19_999;
const without = (port: number) => (rules: readonly Item[]) =>
  rules.some(({ port_range_min }) => port_range_min === port) ? `a rule opens port ${port}` : undefined;

export const variants: readonly Variant[] = [
  { name: "plain" },
  { name: "volume-new", fields: { "volumes.create": true, "volumes.size_gb": 1 }, makes: { volumes: 1 } },
  {
    name: "volume-existing",
    fields: async (project) => ({ "volumes.existing_volume_id": await project.makeVolume() }),
  },
  {
    name: "volume-preserved",
    fields: { "volumes.create": true, "volumes.size_gb": 1, "volumes.preserve_on_destroy": true },
    makes: { volumes: 1 },
    keeps: "volumes",
  },
  {
    name: "floating-ip-given",
    fields: async (project) => ({ "cluster.floating_ip": await project.makeFloatingIp() }),
    makes: { "floating IPs": 0 },
  },
  { name: "lustre-network", fields: { "cluster.lustre_network": "lustre_network" }, networks: 2 },
  { name: "monitoring-none", fields: { "cluster.monitoring": "none" }, rules: without(netdata) },
  { name: "application-credential", login: "application credential" },
  { name: "clouds-yaml", login: "clouds.yaml" },
  { name: "token", login: "token" },
  { name: "spread-off", fields: { "cluster.spread": "off" }, makes: { "server groups": 0 } },
  {
    name: "allowed-cidrs",
    fields: { "security_groups.allowed_cidrs": narrow },
    rules: (rules) => {
      const open = [...new Set(rules.flatMap(({ remote_ip_prefix }) => remote_ip_prefix ?? []))].sort();
      return open.join() === narrow.join() ? undefined : `rules are for ${open.join(", ")}`;
    },
  },
];
