/** What Netdata is told of HDFS, YARN and Spark, from answers as the real daemons give them. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { kit } from "./rig.ts";

const plugin = join(kit, "files/monitoring/etc/netdata/custom-plugins.d/hailstack.plugin");
/** The plugin itself, among daemons that answer with `answers` by address, and with nothing else. */
const script = `
import importlib.machinery, io, json, sys
told = json.load(sys.stdin)
plugin = importlib.machinery.SourceFileLoader("plugin", ${JSON.stringify(plugin)}).load_module()
def ask(url, timeout):
    if url not in told["answers"]:
        raise OSError(f"nobody answers at {url}")
    return io.StringIO(json.dumps(told["answers"][url]))
plugin.ask, plugin.cluster_now = ask, lambda: told["cluster"]
sys.exit(plugin.main(["--once"]))
`;

const jmx = (...beans: object[]) => ({ beans });
const spark = { cores: 4, coresused: 3, memory: 8192, memoryused: 6144 };
const addresses = {
  namenode: "http://127.0.0.1:9870/jmx?qry=Hadoop:service=NameNode,name=FSNamesystem*",
  resourcemanager: "http://127.0.0.1:8088/ws/v1/cluster/metrics",
  sparkMaster: "http://127.0.0.1:8080/json/",
  datanode: "http://127.0.0.1:9864/jmx?qry=Hadoop:service=DataNode,name=FSDatasetState*",
  nodemanager: "http://c1-worker-01:8042/jmx?qry=Hadoop:service=NodeManager,name=NodeManagerMetrics",
  sparkWorker: "http://127.0.0.1:8081/json/",
};
const ofMaster = {
  [addresses.namenode]: jmx(
    { CapacityUsed: 5 * 2 ** 20, CapacityRemaining: 2 ** 40, MissingBlocks: 1, CorruptBlocks: 2, FilesTotal: 30 },
    { UnderReplicatedBlocks: 3, BlocksTotal: 12, NumLiveDataNodes: 2, NumDeadDataNodes: 1, NumStaleDataNodes: 0 },
    { NumDecommissioningDataNodes: 1, VolumeFailuresTotal: 4 },
  ),
  [addresses.resourcemanager]: {
    clusterMetrics: Object.assign(
      { allocatedMB: 1024, availableMB: 3072, allocatedVirtualCores: 1, availableVirtualCores: 3 },
      { activeNodes: 2, lostNodes: 1, unhealthyNodes: 0, appsRunning: 1, appsPending: 5 },
    ),
  },
  [addresses.sparkMaster]: { ...spark, workers: [{ state: "ALIVE" }, { state: "DEAD" }], activeapps: [{}] },
};
const ofWorker = {
  [addresses.datanode]: jmx({ DfsUsed: 2 ** 21, Remaining: 2 ** 30, NumFailedVolumes: 0 }),
  [addresses.nodemanager]: jmx({ ContainersRunning: 2 }),
  [addresses.sparkWorker]: { ...spark, executors: [{}, {}] },
};
const cluster = { workers: 3, hostname: "c1-worker-01" };

/** Values by chart and dimension. @throws Error for what was not announced before it came */
function charts(role: "master" | "worker", answers: object): Record<string, Record<string, number>> {
  const input = JSON.stringify({ answers, cluster: { ...cluster, role } });
  const lines = execFileSync("python3", ["-B", "-W", "ignore", "-c", script], { input, encoding: "utf8" }).split("\n");
  const announced = new Set<string>();
  const found: Record<string, Record<string, number>> = {};
  let chart = "";
  for (const line of lines) {
    const [verb, name = "", , value] = line.split(" ");
    if (verb === "CHART" || verb === "BEGIN") chart = name;
    const what = verb === "DIMENSION" || verb === "SET" ? `${chart} ${name}` : chart;
    if (verb === "CHART" || verb === "DIMENSION") announced.add(what);
    else if (verb === "BEGIN" || verb === "SET") {
      if (!announced.has(what)) throw new Error(`${what} was not announced`);
      const values = (found[chart] ??= {});
      if (verb === "SET") values[name] = Number(value);
    } else if (line !== "END" && line !== "") throw new Error(`Netdata does not know ${line}`);
  }
  return found;
}

test("a master tells of the three services and of their nodes", () => {
  expect(charts("master", ofMaster)).toEqual({
    "hdfs.capacity": { used: 5, remaining: 2 ** 20 },
    "hdfs.blocks": { missing: 1, corrupt: 2, under_replicated: 3 },
    "hdfs.data_nodes": { live: 2, dead: 1, stale: 0, decommissioning: 1 },
    "hdfs.files": { files: 30, blocks: 12 },
    "hdfs.failed_volumes": { failed: 4 },
    "yarn.memory": { used: 1024, available: 3072 },
    "yarn.cores": { used: 1, available: 3 },
    "yarn.nodes": { active: 2, lost: 1, unhealthy: 0 },
    "yarn.applications": { running: 1, pending: 5 },
    "spark.workers": { alive: 1, missing: 2 },
    "spark.applications": { running: 1 },
    "spark.cores": { used: 3, free: 1 },
    "spark.memory": { used: 6144, free: 2048 },
    "hailstack.daemons": { answering: 3, silent: 0 },
  });
});

test("a worker tells of its own part", () => {
  expect(charts("worker", ofWorker)).toEqual({
    "hdfs.datanode_capacity": { used: 2, remaining: 1024 },
    "hdfs.datanode_failed_volumes": { failed: 0 },
    "yarn.containers": { running: 2 },
    "spark.executors": { running: 2 },
    "spark.worker_cores": { used: 3, free: 1 },
    "spark.worker_memory": { used: 6144, free: 2048 },
    "hailstack.daemons": { answering: 3, silent: 0 },
  });
});

test("who does not answer, or with something else, leaves a gap and is counted", () => {
  const { [addresses.sparkMaster]: _, ...others } = ofMaster;
  const found = charts("master", { ...others, [addresses.namenode]: jmx() });
  expect(Object.keys(found).filter((name) => !name.startsWith("yarn."))).toEqual(["hailstack.daemons"]);
  expect(found["hailstack.daemons"]).toEqual({ answering: 1, silent: 2 });
});
