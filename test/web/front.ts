/** The web front of a cluster as its templates make it, run by a real nginx on loopback in front of stand-ins. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { nodeFiles } from "../../src/cluster/node-files.ts";
import type { NodeInputs } from "../../src/cluster/node-view.ts";
import { masterOf } from "../../src/cluster/plan.ts";
import { webLogin } from "../../src/cluster/web-login.ts";
import { checkout } from "../support/checkout.ts";
import { findNginx } from "../support/nginx.ts";
import { everything } from "../support/node-inputs.ts";
import type { Fields } from "../support/plans.ts";

export const nginx = findNginx();
/** With what an HTTP header could not carry as it is. */
export const password = 'canary "web: &ü password';
export const login = await webLogin(password, {
  nginx: "MDEyMzQ1Njc4OWFiY2RlZg==",
  jupyter: "ZmVkY2JhOTg3NjU0MzIxMA==",
});

/** Ports that the front's services have on a cluster. */
export const services = { jupyter: 8888, spark: 8080, sparkhist: 18080, yarn: 8088, mapreduce: 19888, hdfs: 9870 };
const others = { nm: 8042, dn: 9864, netdata: 19999 };
export type Service = keyof typeof services | keyof typeof others;
export const allServices: Readonly<Record<Service, number>> = { ...services, ...others };
/** Where a worker is: every address of 127.0.0.0/8 is loopback. */
export const workerAddress = (number: number): string => `127.0.${1 + (number >> 8)}.${number & 255}`;

export type Front = {
  folder: string;
  ports: Readonly<Record<Service | "http" | "https" | "exposed", number>>;
  errorLog(): string;
};

/** The master's files of a cluster c1 with `workers` workers, by path; the image's own among them. */
export function frontFiles(
  workers: number,
  fields: Fields = {},
  more: Partial<NodeInputs> = {},
): Record<string, string> {
  const { certificate: _, ...usual } = everything({ "cluster.num_workers": workers, ...fields }, { web: login });
  const inputs = { ...usual, ...more };
  const addresses = Object.fromEntries(
    inputs.plan.nodes.map(({ name }, index) => [name, index === 0 ? "127.0.0.1" : workerAddress(index)]),
  );
  const files = nodeFiles(inputs, addresses, "ssh")(masterOf(inputs.plan));
  const web = files.filter(({ path }) => /nginx|\/web\/|web\.env|jupyter/.test(path));
  const parts = join(checkout, "packer/files/web/etc/nginx/hailstack");
  return Object.fromEntries([
    ...readdirSync(parts).map((name) => [`/etc/nginx/hailstack/${name}`, readFileSync(join(parts, name), "utf8")]),
    ...web.map(({ path, content }) => [path, content]),
  ]);
}

/** Lays the files below a folder of their own, with other ports and paths, and a certificate. */
export async function layFront(files: Readonly<Record<string, string>>): Promise<Front> {
  const folder = mkdtempSync(join(tmpdir(), "hailstack-front-"));
  const names = [...Object.keys(allServices), "http", "https", "exposed"] as (keyof Front["ports"])[];
  const free = await freePorts(names.length);
  const ports = Object.fromEntries(names.map((name, index) => [name, free[index] ?? 0])) as Front["ports"];
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    const isConfig = path.startsWith("/etc/nginx/");
    writeFileSync(join(folder, path), isConfig ? moved(text, folder, ports) : text);
  }
  mkdirSync(join(folder, "run/hailstack"), { recursive: true });
  writeFileSync(join(folder, "run/hailstack/ready.json"), '{"state":"forming"}');
  makeCertificate(folder);
  writeFileSync(join(folder, "nginx.conf"), mainConfig(folder));
  return { folder, ports, errorLog: () => readFileSync(join(folder, "error.log"), "utf8") };
}

/** `nginx -t`: what it says, and how long it took in seconds. */
export function testFront({ folder }: Front): { ok: boolean; said: string; seconds: number } {
  const begun = performance.now();
  const { status, stderr } = spawnSync(nginx ?? "nginx", ["-t", "-q", "-c", join(folder, "nginx.conf")], {
    encoding: "utf8",
  });
  return { ok: status === 0, said: stderr, seconds: (performance.now() - begun) / 1000 };
}

/** Runs it until `stop`. */
export async function startFront(front: Front): Promise<{ stop(): Promise<void> }> {
  const child = spawn(nginx ?? "nginx", ["-c", join(front.folder, "nginx.conf")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk) => (said += chunk));
  await listening(child, front.ports.https, () => said);
  return {
    stop: () =>
      new Promise((resolve) => {
        child.once("exit", () => resolve());
        child.kill("SIGTERM");
      }),
  };
}

export const removeFront = ({ folder }: Front): void => rmSync(folder, { recursive: true, force: true });

const folders = ["/etc/nginx/", "/var/lib/hailstack/", "/run/hailstack/", "/usr/share/hailstack/"];
function moved(text: string, folder: string, ports: Front["ports"]): string {
  const elsewhere = folders.reduce((all, path) => {
    const place = path.startsWith("/usr/") ? join(checkout, `packer/files/web${path}`) : `${folder}${path}`;
    return all.replaceAll(path, place);
  }, text);
  const listens = elsewhere
    .replace("listen 80 ", `listen 127.0.0.1:${ports.http} `)
    .replace("listen 443 ", `listen 127.0.0.1:${ports.https} `)
    .replace("listen 127.0.0.1:8888 ", `listen 127.0.0.1:${ports.exposed} `);
  return Object.entries(allServices).reduce(
    (all, [name, port]) =>
      all.replaceAll(new RegExp(`(proxy_pass http://[^:;]+):${port}`, "g"), `$1:${ports[name as Service]}`),
    listens,
  );
}

/** As Debian's own, with its files in the folder and nothing in the background. */
const mainConfig = (folder: string): string => `
${process.getuid?.() === 0 ? "user root;" : ""}
worker_processes 2; daemon off; pid ${folder}/pid; error_log ${folder}/error.log info;
events { worker_connections 768; }
http {
  types { text/html html; application/json json; application/javascript js; }
  default_type application/octet-stream;
  access_log ${folder}/access.log; gzip on;
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(" ")}
  include ${folder}/etc/nginx/sites-enabled/*;
}
`;

function makeCertificate(folder: string): void {
  const program = join(checkout, "packer/files/web/usr/libexec/hailstack/web-certificate");
  const env = {
    ...process.env,
    HAILSTACK_WEB_SSL: join(folder, "etc/nginx/ssl"),
    HAILSTACK_WEB_SETTINGS: join(folder, "etc/hailstack"),
  };
  const { status, stderr } = spawnSync(program, { env, encoding: "utf8" });
  if (status !== 0) throw new Error(`web-certificate: ${stderr}`);
}

export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, "127.0.0.1", () => resolve(Object(server.address()).port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

async function listening(child: ChildProcess, port: number, said: () => string): Promise<void> {
  const { connect } = await import("node:net");
  for (let tries = 0; tries < 100; tries += 1) {
    if (child.exitCode !== null) throw new Error(`nginx ended: ${said()}`);
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true)).once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nginx does not listen: ${said()}`);
}
