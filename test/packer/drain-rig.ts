/** A cluster on loopback that is being drained: daemons that answer as the real ones do, and refuse what is not asked so. */
import { createServer } from "node:http";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { handle, listening, type Handler } from "./ready-rig.ts";
import { kit, layFiles, readIn, temporaryFolder } from "./rig.ts";

const library = join(kit, "files/services/usr/lib/hailstack");
const hosts: Record<string, string> = {
  "c1-master": "127.0.0.4",
  "c1-worker-01": "127.0.0.2",
  "c1-worker-02": "127.0.0.3",
};

type Datanode = { adminState: string; left?: number; open?: number } | "dead" | "gone" | "silent";
/** What is told of the worker that leaves, c1-worker-02; each list's last one stays. */
export type Scene = {
  /** Its entry in the namenode's list of live nodes and of those that are being decommissioned. */
  hdfs?: readonly Datanode[];
  missing?: number;
  yarn?: readonly (string | undefined)[];
  /** What runs on it, by the worker's own word; undefined when it does not answer. */
  executors?: readonly (number | undefined)[];
  /** The Spark master's word for it before it was told, and how it takes that. */
  spark?: "ALIVE" | "DEAD" | "DECOMMISSIONED";
  kill?: number;
  /** Copies of each file of HDFS by its path. */
  files?: Record<string, number>;
};
export type Drained = {
  code: number;
  lines: Record<string, unknown>[];
  saved: Record<string, unknown>;
  /** Whatever was asked for that changes something. */
  told: string[];
  files: Record<string, number>;
};

/** Values one after the other. */
function inTurn<T>(values: readonly T[]): () => T {
  let at = 0;
  return () => values[Math.min(at++, values.length - 1)] as T;
}

/** The namenode, which gives out two entries of a folder at a time. */
function namenode(scene: Scene, files: Record<string, number>, told: string[]): Handler {
  const state = inTurn(scene.hdfs ?? [{ adminState: "Decommissioned" }]);
  return ({ method, path, body }) => {
    const url = new URL(path, "http://h");
    const { qry, op, startAfter = "", replication, ...others } = Object.fromEntries(url.searchParams);
    if (method === "GET" && url.pathname === "/jmx" && qry === "Hadoop:service=NameNode,name=NameNodeInfo")
      return nodesAs(state(), scene.missing ?? 0);
    if (body !== "" || JSON.stringify(others) !== '{"user.name":"hdfs"}') return undefined;
    const file = decodeURIComponent(url.pathname.slice("/webhdfs/v1".length));
    if (method === "PUT" && op === "SETREPLICATION") {
      told.push(`${file} gets ${replication}`);
      if (files[file] === undefined) return { json: { boolean: false } };
      files[file] = Number(replication);
      return { json: { boolean: true } };
    }
    if (method !== "GET" || op !== "LISTSTATUS_BATCH") return undefined;
    if (file.endsWith("/vanished"))
      return { status: 404, json: { RemoteException: { exception: "FileNotFoundException", message: file } } };
    return { json: { DirectoryListing: listing(files, file, startAfter) } };
  };
}

function listing(files: Record<string, number>, folder: string, after: string) {
  const inside = folder === "/" ? "/" : `${folder}/`;
  const names = Object.keys(files).flatMap((path) => (path.startsWith(inside) ? [path.slice(inside.length)] : []));
  const entries = [...new Set(names.map((name) => name.split("/")[0] ?? ""))].toSorted().filter((name) => name > after);
  const FileStatus = entries.slice(0, 2).map((pathSuffix) => {
    const replication = files[`${inside}${pathSuffix}`];
    return { pathSuffix, type: replication === undefined ? "DIRECTORY" : "FILE", replication: replication ?? 0 };
  });
  return { partialListing: { FileStatuses: { FileStatus } }, remainingEntries: Math.max(0, entries.length - 2) };
}

function nodesAs(now: Datanode, missing: number) {
  if (now === "silent") return { status: 503 };
  const key = "c1-worker-02:9866";
  const stays = { "c1-worker-01:9866": { adminState: "In Service" } };
  const live = typeof now === "string" ? stays : { ...stays, [key]: { adminState: now.adminState } };
  const counts =
    typeof now === "string"
      ? {}
      : { [key]: { underReplicatedBlocks: now.left ?? 0, underReplicateInOpenFiles: now.open ?? 0 } };
  const bean = {
    LiveNodes: JSON.stringify(live),
    DeadNodes: JSON.stringify(now === "dead" ? { [key]: { lastContact: 300, decommissioned: false } } : {}),
    DecomNodes: JSON.stringify(typeof now !== "string" && now.adminState === "Decommission In Progress" ? counts : {}),
    NumberOfMissingBlocks: missing,
  };
  return { json: { beans: [bean] } };
}

function resourceManager({ yarn = ["DECOMMISSIONED"] }: Scene): Handler {
  const state = inTurn(yarn);
  return ({ path }) => {
    if (path !== "/ws/v1/cluster/nodes") return undefined;
    const now = state();
    const stays = { nodeHostName: "c1-worker-01", state: "RUNNING", numContainers: 3 };
    const leaves = now === undefined ? [] : [{ nodeHostName: "c1-worker-02", state: now, numContainers: 1 }];
    return { json: { nodes: { node: [stays, ...leaves] } } };
  };
}

function sparkMaster({ spark = "ALIVE", kill = 200 }: Scene, told: string[]): Handler {
  let state: string = spark;
  return ({ method, path, body }) => {
    if (method === "POST" && path === "/workers/kill/?host=c1-worker-02" && body === "") {
      told.push("Spark decommissions c1-worker-02");
      if (kill === 200) state = "DECOMMISSIONED";
      return { status: kill };
    }
    const workers = [
      { host: "c1-worker-01", state: "ALIVE" },
      { host: "c1-worker-02", state },
    ];
    return method === "GET" && path === "/json/" ? { json: { status: "ALIVE", workers } } : undefined;
  };
}

function sparkWorker({ executors = [0] }: Scene): Handler {
  const running = inTurn(executors);
  return ({ method, path }) => {
    if (method !== "GET" || path !== "/json/") return undefined;
    const now = running();
    return now === undefined
      ? { status: 503 }
      : { json: { executors: Array.from({ length: now }, (_, id) => ({ id })) } };
  };
}

const driver = `
import json, sys
from pathlib import Path
sys.dont_write_bytecode = True
order = json.load(sys.stdin)
sys.path.insert(0, order["library"])
from draining.rounds import Drain
from readiness.site import Site
site = Site(Path(order["root"]), order["ports"], order["hosts"].__getitem__)
sys.exit(Drain(site, ["c1-worker-02"], order["copies"]).run(order["seconds"], pause=0.01))`;

/** Drains c1-worker-02. @throws Error when a daemon was asked what it does not answer, or a program broke */
export async function drain(scene: Scene, { seconds = 20, copies = 1 } = {}): Promise<Drained> {
  const cluster = { master: "c1-master", ssh_username: "ubuntu", workers: 2, worker_prefix: "c1-worker-" };
  const root = layFiles(temporaryFolder(), {
    "etc/hailstack/cluster.json": JSON.stringify(cluster),
    "var/lib/hailstack/boot.json": "{}",
  });
  const told: string[] = [];
  const unexpected: string[] = [];
  const files = { ...scene.files };
  const onMaster = {
    namenode: namenode(scene, files, told),
    resourcemanager: resourceManager(scene),
    "spark-master": sparkMaster(scene, told),
  };
  const ports: Record<string, number> = {};
  for (const [service, handler] of Object.entries(onMaster))
    ports[service] = await listening(createServer(handle(handler, unexpected)), "127.0.0.4");
  ports["spark-worker"] = await listening(createServer(handle(sparkWorker(scene), unexpected)), "127.0.0.3");

  const { code, out } = await python({ library, root, ports, hosts, copies, seconds });
  if (unexpected.length > 0) throw new Error(`nobody was to ask ${unexpected.join(", ")}`);
  const parsed = (text: string): Record<string, unknown> => JSON.parse(text);
  const saved = parsed(readIn(root, "var/lib/hailstack/drain.json") ?? "");
  return { code, lines: out.trimEnd().split("\n").map(parsed), saved, told, files };
}

function python(order: object): Promise<{ code: number; out: string }> {
  const child = spawn("/usr/bin/python3", ["-B", "-c", driver]);
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout.on("data", (chunk) => void out.push(String(chunk)));
  child.stderr.on("data", (chunk) => void err.push(String(chunk)));
  child.stdin.end(JSON.stringify(order));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) =>
      err.length === 0 && code !== null ? resolve({ code, out: out.join("") }) : reject(new Error(err.join(""))),
    );
  });
}
