/** What the nodes that stay are told when workers come and go: nothing that any of their daemons is started again for. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { nodeFiles } from "../../src/cluster/node-files.ts";
import { checkout } from "../support/checkout.ts";
import { everything, nothingOptional } from "../support/node-inputs.ts";
import { addressesOf } from "../support/plans.ts";

type Rule = { paths: string[]; restart?: string[]; reload?: string[]; run?: string[]; when?: string };
const place = join(checkout, "packer/files/services/usr/share/hailstack/readers.json");
const { readers }: { readers: Rule[] } = JSON.parse(readFileSync(place, "utf8"));

/** As a shell's pattern that has no other sign than the star; it stands for slashes too, as for Python's fnmatch. */
const matches = (pattern: string, path: string): boolean =>
  new RegExp(`^${pattern.replaceAll(/[.+]/g, "\\$&").replaceAll("*", ".*")}$`).test(path);
const rulesFor = (paths: readonly string[]): Rule[] =>
  readers.filter((rule) => rule.paths.some((pattern) => paths.some((path) => matches(pattern, path))));

/** Text by path of each node's files. */
function filesOf(kind: typeof everything, workers: number, draining: readonly string[] = []) {
  const inputs = kind({ "cluster.num_workers": workers }, { draining });
  const render = nodeFiles(inputs, addressesOf(inputs.plan), "ssh");
  return new Map(inputs.plan.nodes.map((node) => [node.name, new Map(render(node).map((f) => [f.path, f.content]))]));
}

/** Paths that differ, come or go, by each node that both have. */
function differences(before: ReturnType<typeof filesOf>, after: ReturnType<typeof filesOf>): Map<string, string[]> {
  const staying = [...before].filter(([name]) => after.has(name));
  return new Map(
    staying.map(([name, files]) => {
      const now = after.get(name);
      const paths = new Set([...files.keys(), ...(now?.keys() ?? [])]);
      return [name, [...paths].filter((path) => files.get(path) !== now?.get(path)).toSorted()];
    }),
  );
}

const kinds = { "everything on": everything, "nothing optional": nothingOptional };
const steps = [
  [1, 2],
  [2, 3],
  [3, 2],
  [8, 9],
  [40, 4],
] as const;

describe.for(Object.entries(kinds))("%s", ([, kind]) => {
  test.for(steps)("from %i workers to %i, nothing is started again on any node", ([from, to]) => {
    const found = differences(filesOf(kind, from), filesOf(kind, to));

    expect(found.size).toBe(Math.min(from, to) + 1);
    for (const [node, paths] of found) {
      expect([node, paths.includes("/etc/hosts")]).toEqual([node, true]);
      expect(
        rulesFor(paths).flatMap(({ paths: patterns, restart = [] }) => restart.map((unit) => [unit, patterns])),
      ).toEqual([]);
      expect(new Set(rulesFor(paths).flatMap(({ reload = [] }) => reload))).toEqual(
        new Set([
          ...(paths.some((path) => path.startsWith("/etc/nginx/")) ? ["nginx.service"] : []),
          // It looks whether the disk has grown, and leaves the volume as it is.
          ...(paths.includes("/etc/hailstack/cluster.json") ? ["hailstack-volume.service"] : []),
        ]),
      );
    }
  });
});

test("HDFS and YARN read their lists anew, HDFS and YARN whom to talk to, and NFS whom to share with", () => {
  const master = differences(filesOf(everything, 8), filesOf(everything, 9)).get("c1-master") ?? [];
  const commands = rulesFor(master).flatMap(({ run }) => (run ? [run.join(" ")] : []));
  expect(commands.toSorted()).toEqual([
    "/opt/hadoop/bin/hdfs dfsadmin -refreshNodes",
    "/opt/hadoop/bin/hdfs dfsadmin -refreshServiceAcl",
    "/opt/hadoop/bin/yarn rmadmin -refreshNodes -g 86400 -server",
    "/opt/hadoop/bin/yarn rmadmin -refreshServiceAcl",
    "/usr/sbin/exportfs -ra",
    "/usr/sbin/rpc.nfsd",
  ]);
});

test("draining is told to HDFS and YARN, by one file of the master", () => {
  const found = differences(filesOf(everything, 3), filesOf(everything, 3, ["c1-worker-03"]));
  expect(Object.fromEntries(found)).toEqual({
    "c1-master": ["/etc/hadoop/conf/dfs.exclude"],
    "c1-worker-01": [],
    "c1-worker-02": [],
    "c1-worker-03": [],
  });
  expect(rulesFor(["/etc/hadoop/conf/dfs.exclude"]).map(({ when }) => when)).toEqual([
    "hdfs-namenode.service",
    "yarn-rm.service",
  ]);
});

test("a change that daemons must be started again for still is one", () => {
  expect(rulesFor(["/etc/hadoop/conf/hdfs-site.xml"]).flatMap(({ restart }) => restart)).toEqual([
    "hdfs-namenode.service",
    "hdfs-datanode.service",
  ]);
});
