/** A master on loopback: daemons that answer as the real ones did on a cluster, and refuse every other question. */
import { createServer as createPlain, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTls } from "node:https";
import { execFileSync, spawn } from "node:child_process";
import { createServer as createSocket, type AddressInfo, type Server } from "node:net";
import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { parseReadiness, type Readiness } from "../../src/cluster/readiness.ts";
import { checkout } from "../support/checkout.ts";
import { kit, layFiles, temporaryFolder } from "./rig.ts";

const library = join(kit, "files/services/usr/lib/hailstack");
const user = userInfo().username;
const workers = ["c1-worker-01", "c1-worker-02"] as const;
const addresses = { "c1-worker-01": "127.0.0.2", "c1-worker-02": "127.0.0.3" };

export type Answer = { status?: number; json?: unknown; text?: string; location?: string };
export type Handler = (request: { method: string; path: string; body: string }) => Answer | undefined;

const dataNode = { lastContact: 1, volfails: 0, remaining: 62e9 };
const nodeManager = (host: string) => ({ nodeHostName: host, state: "RUNNING", healthReport: "" });
const sparkWorker = (host: string) => ({
  host,
  state: "ALIVE",
  cores: 2,
  coresfree: 2,
  memory: 2048,
  memoryfree: 2048,
  lastheartbeat: Date.now(),
});

/** What the daemons say; a test changes it before it asks. */
export function healthy() {
  return {
    live: Object.fromEntries(workers.map((name) => [name, { ...dataNode }])) as Record<string, typeof dataNode>,
    dead: {} as Record<string, { lastContact: number }>,
    safemode: "",
    state: "Operational",
    folders: {
      "/tmp": { permission: "1777", owner: "hdfs" },
      [`/user/${user}`]: { permission: "755", owner: user },
      "/spark-logs": { permission: "1777", owner: "spark" },
      "/mr-history/done": { permission: "750", owner: "mapred" },
      "/app-logs": { permission: "1777", owner: "yarn" },
    } as Record<string, { permission: string; owner: string }>,
    copies: 2,
    spoil: false,
    /** So many writers are sent to a worker that has gone. */
    sendsAway: 0,
    nodeManagers: workers.map(nodeManager),
    sparkWorkers: workers.map(sparkWorker),
    sparkStatus: "ALIVE",
    sending: ["c1-master", ...workers] as string[],
    closed: 401,
    redirect: "https://127.0.0.1/",
    jupyter: { version: "2.21.1" } as unknown,
    /** Ports of workers that take no connection: `c1-worker-01 datanode`. */
    shut: [] as string[],
    /** Ports of workers that take connections, and say nothing. */
    mute: [] as string[],
    /** By unit, systemd's properties that are not as usual. */
    units: {} as Record<string, Record<string, string>>,
    journal: {} as Record<string, string>,
    /** Files of the master by path, over the usual ones. */
    files: {} as Record<string, string>,
    cluster: {} as Record<string, unknown>,
    hosts: { "c1-master": "127.0.0.4", ...addresses } as Record<string, string>,
    job: undefined as string | undefined,
  };
}
export type Said = ReturnType<typeof healthy>;

export const bootOf = (...stages: [string, string, string?][]): string =>
  JSON.stringify({
    state: stages.some(([, state]) => state === "failed") ? "failed" : "done",
    stages: stages.map(([stage, state, message = ""]) => ({ stage, state, seconds: 1, message })),
  });

function usualFiles(said: Said): Record<string, string> {
  const cluster = {
    cluster: "c1",
    role: "master",
    hostname: "c1-master",
    master: "c1-master",
    workers: 2,
    worker_prefix: "c1-worker-",
    ssh_username: user,
    monitoring: true,
    volume: null,
    lustre: null,
    extras: { system_packages: [], python_packages: [] },
    replication: 2,
    executors_per_worker: 1,
    ...said.cluster,
  };
  return {
    "etc/hailstack/cluster.json": JSON.stringify(cluster),
    "etc/hailstack/cluster.env": "PYSPARK_DRIVER_PYTHON=python3\n",
    "etc/hailstack/public-address": "192.0.2.7\n",
    "etc/hosts": "127.0.0.1 localhost\n",
    "etc/spark/conf/spark-defaults.conf":
      "spark.executor.cores 2\nspark.executor.memory 1g\nspark.authenticate.secret canary-spark\n",
    "etc/netdata/stream.conf": "[stream]\n api key = canary-netdata\n",
    "var/lib/hailstack/boot.json": bootOf(["names", "done"], ["web", "done"], ["extras", "done"]),
    "proc/self/mountinfo": "",
    ...said.files,
  };
}

/** systemctl, journalctl, timedatectl, runuser as far as they are called. */
function programs(said: Said): Record<string, string> {
  const usual = { LoadState: "loaded", ActiveState: "active", SubState: "running", Result: "success", NRestarts: "0" };
  const shown = (unit: string) => Object.entries({ Id: `${unit}.service`, ...usual, ...said.units[unit] });
  const known = ["hdfs-namenode", "hailstack-hdfs-layout", "yarn-rm", "mapred-history", "spark-master"];
  known.push("spark-history-server", "jupyter-lab", "nginx", "netdata", "hailstack-volume", "nfs-server");
  const cases = known.map(
    (unit) =>
      `${unit}.service) printf '%s\\n' ${shown(unit)
        .map(([key, value]) => `'${key}=${value}'`)
        .join(" ")} '';;`,
  );
  const journals = Object.entries(said.journal).map(([unit, text]) => `${unit}) printf '%s' '${text}';;`);
  return {
    systemctl: `#!/bin/sh\nshift 2\nfor u; do case $u in ${cases.join("\n")} *) exit 9;; esac; done\n`,
    journalctl: `#!/bin/sh\ncase $2 in ${journals.join("\n")} esac\n`,
    timedatectl: "#!/bin/sh\nprintf 'NTP=yes\\nNTPSynchronized=yes\\n'\n",
    runuser: `#!/bin/sh\n[ "$1 $2 $3" = "--user ${user} --" ] || exit 9\nshift 3\nexec "$@"\n`,
  };
}

/** Until the test has finished. @returns the port */
export const listening = (server: Server, host: string, port = 0): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
    onTestFinished(() => void server.close());
  });

/** What the handler does not know is answered with 599, and noted. */
export function handle(handler: Handler, unexpected: string[]) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => void chunks.push(chunk));
    request.on("end", () => {
      const asked = {
        method: request.method ?? "",
        path: request.url ?? "",
        body: Buffer.concat(chunks).toString("latin1"),
      };
      const answer = handler(asked);
      if (!answer) unexpected.push(`${asked.method} ${asked.path}`);
      const { status = 200, json, text, location } = answer ?? { status: 599 };
      response.writeHead(status, { connection: "close", ...(location ? { location } : {}) });
      response.end(Buffer.from(json === undefined ? (text ?? "") : JSON.stringify(json), "latin1"));
    });
  };
}

/** The namenode and the data node it sends writers and readers to; only the latter may be sent content. */
function hdfs(said: Said, dataPort: () => number): { name: Handler; data: Handler } {
  const files = new Map<string, string>();
  const parts = (path: string) => new URL(path, "http://h");
  const bean = (values: object): Answer => ({ json: { beans: [values] } });
  const keyed = (nodes: object) =>
    JSON.stringify(Object.fromEntries(Object.entries(nodes).map(([n, v]) => [`${n}:9866`, v])));
  return {
    name({ method, path, body }) {
      const url = parts(path);
      if (url.searchParams.get("qry")?.endsWith("NameNodeInfo"))
        return bean({ LiveNodes: keyed(said.live), DeadNodes: keyed(said.dead), Safemode: said.safemode });
      if (url.searchParams.get("qry")?.endsWith("FSNamesystemState")) return bean({ FSState: said.state });
      if (!url.pathname.startsWith("/webhdfs/v1/") || url.searchParams.get("user.name") !== user || body !== "")
        return undefined;
      const file = url.pathname.slice("/webhdfs/v1".length);
      const operation = `${method} ${url.searchParams.get("op")}`;
      if (operation === "PUT CREATE" && said.sendsAway-- > 0) return { status: 307, location: "http://127.0.0.9:1/" };
      if (operation === "PUT CREATE" || operation === "GET OPEN")
        return { status: 307, location: `http://127.0.0.1:${dataPort()}${path}` };
      if (operation === "DELETE DELETE") return { json: { boolean: files.delete(file) } };
      if (operation !== "GET GETFILESTATUS") return undefined;
      const folder = said.folders[file];
      if (folder) return { json: { FileStatus: { type: "DIRECTORY", replication: 0, ...folder } } };
      if (files.has(file)) return { json: { FileStatus: { type: "FILE", replication: said.copies } } };
      return { status: 404, json: { RemoteException: { exception: "FileNotFoundException", message: `no ${file}` } } };
    },
    data({ method, path, body }) {
      const file = parts(path).pathname.slice("/webhdfs/v1".length);
      if (method === "PUT" && body !== "") return files.set(file, body) && { status: 201 };
      return method === "GET" && files.has(file)
        ? { text: said.spoil ? "spoilt" : (files.get(file) ?? "") }
        : undefined;
    },
  };
}

function webServers(said: Said): Record<string, Handler> {
  const at =
    (wanted: string, answer: () => Answer): Handler =>
    ({ path }) =>
      path === wanted ? answer() : undefined;
  return {
    resourcemanager: at("/ws/v1/cluster/nodes", () => ({ json: { nodes: { node: said.nodeManagers } } })),
    "spark-master": at("/json/", () => ({ json: { status: said.sparkStatus, workers: said.sparkWorkers } })),
    "spark-history": at("/api/v1/applications?limit=1", () => ({ json: [] })),
    "job-history": at("/ws/v1/history/info", () => ({ json: { historyInfo: {} } })),
    netdata: at("/api/v1/info", () => ({
      json: { mirrored_hosts_status: said.sending.map((hostname) => ({ hostname, reachable: true })) },
    })),
    jupyter: at("/jupyter/api", () => ({ json: said.jupyter })),
    http: at("/", () => ({ status: 301, location: said.redirect })),
  };
}

const certificate = (() => {
  let made: { key: string; cert: string } | undefined;
  return (folder: string) => {
    if (made) return made;
    const [key, cert] = [join(folder, "k.pem"), join(folder, "c.pem")];
    const options = ["-newkey", "rsa:2048", "-nodes", "-subj", "/CN=c1", "-addext", "subjectAltName=IP:192.0.2.7"];
    execFileSync("openssl", ["req", "-x509", "-days", "2", ...options, "-keyout", key, "-out", cert], {
      stdio: "ignore",
    });
    return (made = { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") });
  };
})();

/** Listens for both workers on one port, but for those of `said.shut`. */
async function workerPorts(said: Said): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const service of ["datanode", "nodemanager", "spark-worker"]) {
    const [first, ...others] = workers.filter((name) => !said.shut.includes(`${name} ${service}`));
    const listen = (name: keyof typeof addresses, port?: number) =>
      listening(
        createSocket((socket) => {
          // As a daemon whose process is stopped: the kernel takes the call.
          if (said.mute.includes(`${name} ${service}`)) return void socket.on("error", () => socket.destroy());
          socket.on("error", () => socket.destroy());
          socket.end("HTTP/1.1 302 Found\r\n\r\n");
        }),
        addresses[name],
        port,
      );
    found[service] = first ? await listen(first) : 1;
    for (const name of others) await listen(name, found[service]);
  }
  return found;
}

/** Seconds, and how many times as long as usual a stage may take. */
type Patience = readonly [number, number];
type Order =
  | { what: "rounds"; count: number }
  | { what: "follow"; patience?: Patience }
  | { what: "patience"; given: readonly Patience[] }
  | { what: "mask"; lines: string[] };

/** @returns what the program printed. @throws Error when it asked a daemon what none of them answers */
export async function runReady(said: Said, order: Order & { deadlines?: string }): Promise<string> {
  const root = layFiles(temporaryFolder(), usualFiles(said));
  const bin = layFiles(temporaryFolder(), programs(said), 0o755);
  layFiles(root, { "usr/libexec/hailstack/hail-job": said.job ?? "" }, 0o755);
  const unexpected: string[] = [];
  const ports = await workerPorts(said);
  let dataPort = 0;
  const { name, data } = hdfs(said, () => dataPort);
  dataPort = await listening(createPlain(handle(data, unexpected)), "127.0.0.1");
  const onMaster: Record<string, Handler> = { namenode: name, ...webServers(said) };
  for (const [service, handler] of Object.entries(onMaster)) {
    const host = ["netdata", "jupyter", "http"].includes(service) ? "127.0.0.1" : "127.0.0.4";
    ports[service] = await listening(createPlain(handle(handler, unexpected)), host);
  }
  const front = handle(() => ({ status: said.closed }), unexpected);
  ports["https"] = await listening(createTls(certificate(temporaryFolder()), front), "127.0.0.1");

  const out = await python(bin, { ...order, library, root, ports, hosts: said.hosts });
  if (unexpected.length > 0) throw new Error(`nobody was to ask ${unexpected.join(", ")}`);
  return out;
}

function python(bin: string, order: object): Promise<string> {
  const driver = join(checkout, "test/packer/ready-driver.py");
  const child = spawn("python3", [driver], { env: { PATH: `${bin}:${process.env["PATH"]}` } });
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout.on("data", (chunk) => void out.push(String(chunk)));
  child.stderr.on("data", (chunk) => void err.push(String(chunk)));
  child.stdin.end(JSON.stringify(order));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve(out.join("")) : reject(new Error(err.join("")))));
  });
}

/** As the command line will read it. */
export const rounds = async (said: Said, count = 1, deadlines = ""): Promise<Readiness> =>
  parseReadiness(await runReady(said, { what: "rounds", count, deadlines }), "c1");
