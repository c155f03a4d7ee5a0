/** Commands on two nodes over real SSH: a master, and a worker that is reached through it. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { utils } from "ssh2";
import { afterAll, afterEach, describe, expect, onTestFinished, test } from "vitest";
import { fingerprint } from "../../src/cluster/host-keys.ts";
import { openNodes } from "../../src/ssh/nodes.ts";
import type { NodeAddress, Nodes, NodesOptions } from "../../src/world.ts";
import { refusalOf, refusedWith } from "../support/errors.ts";
import { bare, isOpenSsh, keyPair, startSshServer, user, type TestSshServer } from "../support/ssh-server.ts";

const folder = mkdtempSync(join(tmpdir(), "hailstack-ssh-"));
const key = keyPair();
const [keyFile, otherFile] = [join(folder, "id"), join(folder, "other")];
writeFileSync(keyFile, key.private, { mode: 0o600 });
writeFileSync(otherFile, keyPair().private, { mode: 0o600 });

const admitted = [key.public];
const master = await startSshServer({ address: "127.0.0.1", admitted });
const worker = await startSshServer({ address: "127.0.0.2", admitted });
afterAll(async () => {
  await Promise.all([master.stop(), worker.stop()]);
  rmSync(folder, { recursive: true });
});

const nodeOf = (name: string, role: NodeAddress["role"], server: TestSshServer): NodeAddress => ({
  name,
  role,
  ...server,
});
const usual: NodesOptions = {
  user,
  master: nodeOf("c1-master", "master", master),
  workers: [nodeOf("c1-worker-01", "worker", worker)],
  sshKey: keyFile,
  env: {},
};

let opened: Nodes[] = [];
afterEach(async () => {
  await Promise.all(opened.map((nodes) => nodes.close()));
  opened = [];
});
async function open(changes: Partial<NodesOptions> = {}): Promise<Nodes> {
  const nodes = await openNodes({ ...usual, ...changes });
  opened.push(nodes);
  return nodes;
}
/** As `usual`, but the master is somewhere else. */
const masterAt = (port: number, address = "127.0.0.1") => ({ master: { ...usual.master, address, port } });

/** A port of 127.0.0.1 for one test. */
async function listen(onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    onSocket(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

/** A port that leads to the master: how often it was taken, and a way to cut those who took it. */
async function proxied(): Promise<{ port: number; taken(): number; cut(): void }> {
  const sockets: Socket[] = [];
  const port = await listen((socket) => {
    sockets.push(socket);
    const far = connect(master.port, master.address).on("error", () => {});
    socket.pipe(far).pipe(socket);
    socket.once("close", () => far.destroy());
  });
  return { port, taken: () => sockets.length, cut: () => sockets.forEach((socket) => socket.destroy()) };
}

describe("a command", () => {
  const odd = ["a b", "$HOME", "it's", '"', "*", "", "é\n🧬"];

  test.for(["c1-master", "c1-worker-01"])("gets its arguments and its input on %s, byte for byte", async (node) => {
    const nodes = await open();
    const command = ["sh", "-c", 'cat; printf "%s|" "$@"; echo bad >&2; exit 7', "sh", ...odd];
    const answer = await nodes.run(node, command, { stdin: "first\n" });
    expect(answer).toEqual({ code: 7, stdout: `first\n${odd.join("|")}|`, stderr: "bad\n" });
  });

  test("runs where it is said to", async () => {
    const nodes = await open();
    const from = async (node: string) => (await nodes.run(node, ["sh", "-c", "echo $SSH_CONNECTION"])).stdout;
    if (!isOpenSsh) return;
    expect(await from("c1-master")).toContain(` 127.0.0.1 ${master.port}`);
    expect(await from("c1-worker-01")).toContain(` 127.0.0.2 ${worker.port}`);
  });

  test("that a signal ends has its number and 128", async () => {
    const { code } = await (await open()).run("c1-master", ["sh", "-c", "kill -KILL $$"]);
    expect(code).toBe(128 + 9);
  });

  test("that reads nothing takes what it is given", async () => {
    const { code } = await (await open()).run("c1-master", ["true"], { stdin: "x".repeat(5_000_000) });
    expect(code).toBe(0);
  });

  test("ends with its time limit, and others go on", async () => {
    const nodes = await open();
    const mark = join(folder, "late");
    const ended: string[] = [];
    const note = (name: string) => () => void ended.push(name);
    const late = refusedWith(nodes.run("c1-master", ["sh", "-c", `sleep 4; touch '${mark}'`], { timeoutMs: 300 }));
    const other = nodes.run("c1-master", ["sh", "-c", "sleep 2; echo well"]);
    await Promise.all([late.then(note("late")), other.then(note("other"))]);
    expect(ended).toEqual(["late", "other"]);
    expect(await late).toEqual([1, "ssh-command-time", "sh did not end within 0.3 s and was stopped"]);
    expect((await other).stdout).toBe("well\n");
    const { code } = await nodes.run("c1-master", ["sh", "-c", `sleep 3; test -e '${mark}'`]);
    expect(code).toBe(1);
  });

  test("that says a gigabyte costs no memory, and ends", { timeout: 240_000 }, async () => {
    const nodes = await open();
    const before = process.memoryUsage().rss;
    const size = 1_000_000_000;
    const answer = await nodes.run("c1-master", ["sh", "-c", `printf é; head -c ${size} /dev/zero; echo end >&2`], {
      maxBytes: 1,
    });
    expect(answer).toEqual({ code: 0, stdout: "", stderr: "e" });
    expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
  });

  test("keeps a mebibyte of each stream unless told", async () => {
    const { stdout } = await (await open()).run("c1-master", ["head", "-c", "3000000", "/dev/zero"]);
    expect(stdout).toHaveLength(1024 * 1024);
  });
});

test("sixty commands at once go by one connection a node", async () => {
  const way = await proxied();
  const nodes = await open(masterAt(way.port));
  const jobs = Array.from({ length: 60 }, async (_, index) => {
    const node = index % 2 === 0 ? "c1-master" : "c1-worker-01";
    return (await nodes.run(node, ["echo", String(index)])).stdout;
  });
  expect(await Promise.all(jobs)).toEqual(Array.from({ length: 60 }, (_, index) => `${index}\n`));
  expect(way.taken()).toBe(1);
});

describe("a connection that is lost", () => {
  test("is opened anew for the next command, through the master too", async () => {
    const way = await proxied();
    const nodes = await open(masterAt(way.port));
    await nodes.run("c1-worker-01", ["true"]);
    way.cut();
    const answers = await Promise.all(["c1-worker-01", "c1-master"].map((node) => nodes.run(node, ["echo", node])));
    expect(answers.map(({ stdout }) => stdout)).toEqual(["c1-worker-01\n", "c1-master\n"]);
    expect(way.taken()).toBe(2);
  });

  test("takes the command that runs with it, which is not run twice", async () => {
    const way = await proxied();
    const nodes = await open(masterAt(way.port));
    const mark = join(folder, "runs");
    const running = refusedWith(nodes.run("c1-master", ["sh", "-c", `echo run >> '${mark}'; sleep 20`]));
    const runs = async () => (await (await open()).run("c1-master", ["cat", mark])).stdout;
    await expect.poll(runs, { timeout: 5000 }).toBe("run\n");
    way.cut();
    expect(await running).toEqual([1, "ssh-lost", "the connection ended while sh ran there"]);
    expect(await runs()).toBe("run\n");
  });
});

describe("host keys", () => {
  const stranger = bare(keyPair().public);
  const shown = fingerprint(worker.hostKeys[0] ?? "");

  test.for([
    ["of the same type", stranger],
    ["of another type", ecdsaKey()],
  ] as const)("another than the pinned one %s is refused with both fingerprints", async ([, pinned]) => {
    const workers = usual.workers.map((node) => ({ ...node, hostKeys: [pinned] }));
    const nodes = await open({ workers });
    const { exitCode, problems } = await refusalOf(nodes.run("c1-worker-01", ["true"]));
    const [problem] = problems;
    expect([exitCode, problem?.slug, problem?.where]).toEqual([1, "ssh-host-key", "c1-worker-01"]);
    expect(problem?.message).toContain(`it shows ${shown}`);
    expect(problem?.message).toContain(`known is ${fingerprint(pinned)}`);
    expect(problem?.fix).toContain("hailstack ssh c1-worker-01 --accept-new-host-keys");
  });

  test("none is accepted where nobody decides", async () => {
    const nodes = await open({ master: { ...usual.master, hostKeys: [] } });
    const [, slug, message] = await refusedWith(nodes.run("c1-master", ["true"]));
    expect([slug, message]).toEqual(["ssh-host-key", expect.stringContaining("known is none")]);
  });

  test("a new one is asked about once, and is the only one from then on", async () => {
    const way = await proxied();
    const asked: string[][] = [];
    const nodes = await open({
      master: { ...masterAt(way.port).master, hostKeys: [] },
      unknownHostKey: async (...about) => void asked.push(about),
    });
    await nodes.run("c1-master", ["true"]);
    way.cut();
    await nodes.run("c1-master", ["true"]);
    expect(asked).toEqual([["c1-master", ...master.hostKeys]]);
    expect(way.taken()).toBe(2);
  });

  test("a no to a new one is what the command ends with", async () => {
    const nodes = await open({
      master: { ...usual.master, hostKeys: [] },
      unknownHostKey: () => Promise.reject(new Error("no")),
    });
    await expect(nodes.run("c1-master", ["true"])).rejects.toThrow("no");
  });
});

describe("no way in", () => {
  test("where nothing listens", async () => {
    const nodes = await open(masterAt(1));
    expect(await refusedWith(nodes.run("c1-worker-01", ["true"]))).toEqual([
      1,
      "ssh-refused",
      "SSH at 127.0.0.1:1 refuses the connection: nothing listens there",
    ]);
  });

  test("where nothing listens behind the master", async () => {
    const nodes = await open({ workers: usual.workers.map((node) => ({ ...node, port: 1 })) });
    const { problems } = await refusalOf(nodes.run("c1-worker-01", ["true"]));
    expect(problems).toMatchObject([{ slug: "ssh-refused", where: "c1-worker-01" }]);
  });

  test("where something else speaks", async () => {
    const port = await listen((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    expect((await refusedWith((await open(masterAt(port))).run("c1-master", ["true"])))[1]).toBe("ssh-refused");
  });

  test("where nobody says a word, here and behind the master", async () => {
    const port = await listen(() => {});
    const silent = { address: "127.0.0.1", port };
    const direct = await open(masterAt(port));
    const through = await open({ workers: usual.workers.map((node) => ({ ...node, ...silent })) });
    const tried = await Promise.all([
      refusedWith(direct.run("c1-master", ["true"])),
      refusedWith(through.run("c1-worker-01", ["true"])),
    ]);
    const told = `SSH at 127.0.0.1:${port} does not answer within 8 s`;
    expect(tried).toEqual([
      [1, "ssh-timeout", told],
      [1, "ssh-timeout", told],
    ]);
  });

  test.for([
    ["another key", { sshKey: otherFile }, `'${user}' in with the key ${otherFile}`],
    ["another user", { user: "nobody-here" }, "'nobody-here' in with the key"],
  ] as const)("with %s", async ([, changes, says]) => {
    const [code, slug, message] = await refusedWith((await open(changes)).run("c1-master", ["true"]));
    expect([code, slug, message]).toEqual([1, "ssh-auth", expect.stringContaining(says)]);
  });
});

describe("a way in", () => {
  const encrypted = keyPair("pass phrase");
  const encryptedFile = join(folder, "encrypted");
  writeFileSync(encryptedFile, encrypted.private, { mode: 0o600 });

  test("is not looked for without a key and an agent", async () => {
    expect((await refusedWith(open({ sshKey: undefined }))).slice(0, 2)).toEqual([1, "ssh-no-agent"]);
    const gone = refusedWith(open({ sshKey: undefined, env: { SSH_AUTH_SOCK: join(folder, "no-socket") } }));
    expect(await gone).toEqual([1, "ssh-no-agent", expect.stringContaining("does not answer")]);
  });

  test.for([
    ["is not there", "missing", "there is no such file"],
    ["is no key", "text", "holds no SSH key"],
    ["is a public key", "public", "holds a public key"],
    ["is encrypted, and no agent runs", "encrypted", "is encrypted, and no SSH agent runs here"],
  ] as const)("is not a file that %s", async ([, name, says]) => {
    writeFileSync(join(folder, "text"), "hello\n");
    writeFileSync(join(folder, "public"), key.public);
    const refused = await refusedWith(open({ sshKey: join(folder, name) }));
    expect(refused).toEqual([1, "ssh-key-unreadable", expect.stringContaining(says)]);
  });

  test("is an agent's key, also among more than a server listens to", async () => {
    const agent = await startAgent();
    const env = { SSH_AUTH_SOCK: agent.socket };
    expect((await refusedWith(open({ sshKey: undefined, env })))[2]).toContain("holds no key");

    for (let index = 0; index < 5; index += 1) agent.add(keyPair().private);
    agent.add(key.private);
    const many = await open({ sshKey: undefined, env });
    const [, slug, message] = await refusedWith(many.run("c1-master", ["true"]));
    expect([slug, message]).toEqual(["ssh-auth", expect.stringContaining("in with the 6 keys of the SSH agent")]);

    const known = await open({ sshKey: undefined, env, publicKeys: ["ssh-ed25519 AAAA gone", `${key.public} me`] });
    expect((await known.run("c1-worker-01", ["echo", "in"])).stdout).toBe("in\n");
  });

  test("is an encrypted file whose key the agent holds", async () => {
    const agent = await startAgent();
    const ways = { sshKey: encryptedFile, env: { SSH_AUTH_SOCK: agent.socket } };
    agent.add(key.private);
    expect((await refusedWith(open(ways)))[2]).toContain("the SSH agent does not hold it");

    const nodes = await open({ ...ways, sshKey: encryptedCopy() });
    expect((await nodes.run("c1-master", ["echo", "in"])).stdout).toBe("in\n");
  });
});

test("a port of this machine leads to one of the node, and closes with its tunnel", async () => {
  const port = await listen((socket) => void socket.pipe(socket));
  const way = await proxied();
  const nodes = await open(masterAt(way.port));
  const tunnel = await nodes.forward("c1-master", 0, port);
  expect(await echo(tunnel.port)).toBe("hello");
  way.cut();
  expect(await echo(tunnel.port)).toBe("hello");
  expect((await refusedWith(nodes.forward("c1-master", tunnel.port, port))).slice(0, 2)).toEqual([2, "port-taken"]);
  await tunnel.close();
  await expect(echo(tunnel.port)).rejects.toThrow("ECONNREFUSED");
});

async function echo(port: number): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.end("hello");
  let said = "";
  for await (const chunk of socket) said += String(chunk);
  return said;
}

const ecdsaKey = (): string => bare(utils.generateKeyPairSync("ecdsa", { bits: 256 }).public);

/** The usual key, its file encrypted. */
function encryptedCopy(): string {
  const path = join(folder, "own");
  writeFileSync(path, key.private, { mode: 0o600 });
  execFileSync("ssh-keygen", ["-q", "-p", "-P", "", "-N", "pass phrase", "-f", path]);
  return path;
}

/** OpenSSH's agent, for one test. */
async function startAgent(): Promise<{ socket: string; add(privateKey: string): void }> {
  const place = mkdtempSync(join(folder, "agent-"));
  const socket = join(place, "s");
  const child = spawn("ssh-agent", ["-D", "-a", socket], { stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => void child.kill());
  await once(child.stdout, "data");
  const env = { ...process.env, SSH_AUTH_SOCK: socket };
  return {
    socket,
    add: (privateKey) => void execFileSync("ssh-add", ["-q", "-"], { env, input: `${privateKey.trim()}\n` }),
  };
}
