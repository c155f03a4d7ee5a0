/** `[cluster]`: the machines and where they live. */
import * as z from "zod/mini";
import { choice, integer, optionalText, requiredText, textWithDefault } from "../fields.ts";
import { ipv4, lustreTarget, searchDomains } from "../network-rules.ts";
import { bundleId, cloudName, clusterName, filePath, userName } from "../rules.ts";

/** First-boot data names every node, and Nova takes 65,535 bytes of it: more workers than this do not fit. */
const maxWorkers = 1000;

const rebuilds = "it is part of how a server is made, so the server would have to be replaced";
const firstBoot = "it takes effect at a node's first boot only, so every node would have to be replaced";

export const clusterTable = z.strictObject({
  name: requiredText({
    meaning: "Name of the cluster; the names of everything it owns begin with it.",
    rule: clusterName,
    exact: true,
    example: "my-cluster",
    live: "nothing",
    why: "another name is another cluster; the one of the old name stays as it is",
  }),
  bundle: optionalText({
    meaning: "Id of the bundle, which names every version and the image; blank takes the default of bundles.toml.",
    rule: bundleId,
    example: "hail-0.2.137-gnomad-3.0.4-r2",
    live: "refused",
    why: "another bundle is another image, so every server would have to be replaced",
  }),
  bundles_file: optionalText({
    meaning: "TOML file with bundles of your site, beside this file unless absolute; it wins over HAILSTACK_BUNDLES.",
    rule: filePath,
    example: "site-bundles.toml",
    live: "nothing",
    why: "only the bundle that is chosen from it matters",
  }),
  num_workers: integer(2, [1, maxWorkers], {
    meaning: "How many workers the cluster has.",
    unit: "nodes",
    example: 4,
    live: "workers",
    why: "workers are added, or the last ones drained and removed",
  }),
  master_flavour: requiredText({
    meaning: "Flavour of the master.",
    rule: cloudName,
    example: "m2.2xlarge",
    live: "refused",
    why: rebuilds,
  }),
  worker_flavour: optionalText({
    meaning: "Flavour of every worker; blank takes master_flavour.",
    rule: cloudName,
    example: "m2.2xlarge",
    live: "refused",
    why: rebuilds,
    defaultText: "the master's",
  }),
  network_name: textWithDefault("cloudforms_network", {
    meaning: "Network that all nodes talk to each other on; the master's floating IP leads to it.",
    rule: cloudName,
    example: "cloudforms_network",
    live: "refused",
    why: rebuilds,
  }),
  lustre_network: optionalText({
    meaning: "Second network of every node, for Lustre; blank for none.",
    rule: cloudName,
    example: "lustre_network",
    live: "refused",
    why: rebuilds,
  }),
  lustre_mount_target: textWithDefault("10.1.0.1@tcp:/fsx", {
    meaning: "What every node mounts when lustre_network is set.",
    rule: lustreTarget,
    example: "192.0.2.10@tcp:/fsx",
    live: "refused",
    why: firstBoot,
  }),
  ssh_username: textWithDefault("ubuntu", {
    meaning: "Login name on every node; the data volume is mounted in its home.",
    rule: userName,
    example: "ubuntu",
    live: "refused",
    why: firstBoot,
  }),
  monitoring: choice(["netdata", "none"], "netdata", {
    meaning: "Whether Netdata watches the nodes; its pages are then at /netdata/.",
    example: "netdata",
    live: "refused",
    why: firstBoot,
  }),
  floating_ip: optionalText({
    meaning: "Floating IP of the project to give to the master; blank makes one, and deletes it with the cluster.",
    rule: ipv4,
    example: "192.0.2.10",
    live: "refused",
    why: "the cluster's address would change under its users, and one made for it would be lost",
    defaultText: "a new one",
  }),
  floating_ip_pool: optionalText({
    meaning:
      "External network to make the floating IP in; blank takes packer.floating_ip_pool, else the only one there is.",
    rule: cloudName,
    example: "public",
    live: "nothing",
    why: "it is read only when an address is made",
    defaultText: "found",
  }),
  spread: choice(["auto", "on", "off"], "auto", {
    meaning:
      "Whether workers are kept on different hosts where possible; auto does where the project may make a server group.",
    example: "auto",
    live: "refused",
    why: "a server joins its group when it is made, so every worker would have to be replaced",
  }),
});

/** `[dns]` */
export const dnsTable = z.strictObject({
  search_domains: optionalText({
    meaning: "Domains in which every node looks up short host names, with spaces between them.",
    rule: searchDomains,
    example: "internal.example",
    live: "refused",
    why: firstBoot,
  }),
});
