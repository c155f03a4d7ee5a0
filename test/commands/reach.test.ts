/** Host keys pinned, nodes waited for, and what people are told: `reachNodes` without a network. */
import { PassThrough } from "node:stream";
import { expect, test, vi } from "vitest";
import { knownHostsKey } from "../../src/cluster/known-hosts.ts";
import { clusterNodes, nodeCalled } from "../../src/cluster/nodes.ts";
import { sshConfig } from "../../src/cluster/ssh-config.ts";
import { reachNodes, type ReachOptions } from "../../src/commands/reach.ts";
import type { Site } from "../../src/commands/site.ts";
import { Exit, failure } from "../../src/errors.ts";
import { openTerminal } from "../../src/terminal/terminal.ts";
import type { NodesOptions, World } from "../../src/world.ts";
import { refusalOf, refusedWith } from "../support/errors.ts";
import { bucketOf } from "../support/memory-bucket.ts";
import { configOf, planOf, stateOf } from "../support/plans.ts";
import { bare, keyPair } from "../support/ssh-server.ts";

const state = stateOf(planOf({ "cluster.num_workers": 2 }));
const nodes = clusterNodes("c1", state);
const [master, worker] = nodes as [(typeof nodes)[0], (typeof nodes)[0]];
const key = bare(keyPair().public);
const block = `-----BEGIN SSH HOST KEY KEYS-----\n${key} root@x\n-----END SSH HOST KEY KEYS-----\nlogin:`;

type Scene = {
  /** What the console log of a server is, at each question. */
  log?: (id: string, question: number) => string | undefined;
  /** What `true` ends with on a node: a slug, or undefined when it ends well. */
  answer?: (node: string, question: number) => string | undefined;
  /** What a node without a pin shows. */
  shown?: string;
  pins?: string;
};

function scene({ log = () => block, answer = () => undefined, shown = key, pins }: Scene) {
  const stderr = new PassThrough();
  const terminal = openTerminal({ stdin: new PassThrough(), stdout: new PassThrough(), stderr, env: {} });
  const asked = new Map<string, number>();
  const count = (what: string) => {
    asked.set(what, (asked.get(what) ?? 0) + 1);
    return asked.get(what) ?? 0;
  };
  const bucket = bucketOf(pins === undefined ? {} : { [knownHostsKey("c1")]: pins });
  const close = vi.fn<() => Promise<void>>(async () => {});
  const opened: NodesOptions[] = [];
  const openNodes = async (options: NodesOptions) => {
    opened.push(options);
    return {
      close,
      async run(name: string) {
        const slug = answer(name, count(`run ${name}`));
        if (slug) throw failure(Exit.failed, slug, `${slug} happened`, "fix it", { where: name });
        const node = [options.master, ...options.workers].find((one) => one.name === name);
        if (node?.hostKeys.length === 0) await options.unknownHostKey?.(name, shown);
        return { code: 0, stdout: "", stderr: "" };
      },
    };
  };
  const cloud = { consoleLog: async (id: string) => log(id, count(`log ${id}`)) };
  const site = { cluster: "c1", state, bucket, cloud, loaded: { config: configOf(), env: {} } } as unknown as Site;
  const world = { terminal, openNodes } as unknown as World;
  const reach = (options: Partial<ReachOptions> = {}) =>
    reachNodes(world, site, { timeoutMs: 20_000, pauseMs: 1, ...options });
  return { reach, bucket, opened, close, asked, said: () => String(stderr.read() ?? "") };
}

test("keys come from the console logs, asked for until they are there, and are stored", async () => {
  const { reach, bucket, opened } = scene({ log: (_, question) => (question < 3 ? "booting" : block) });
  await reach();
  const all = [opened[0]?.master, ...(opened[0]?.workers ?? [])];
  expect(all.map((node) => [node?.name, node?.hostKeys])).toEqual(nodes.map(({ name }) => [name, [key]]));
  expect(bucket.text(knownHostsKey("c1"))).toBe(
    nodes
      .map(({ id }) => `${id} ${key}\n`)
      .toSorted()
      .join(""),
  );
});

test("stored ones are not asked for again, and a server that took another's place has none", async () => {
  const { reach, asked } = scene({ pins: `${master.id} ${key}\nold-worker ${key}\n` });
  await reach({ only: [worker.name] });
  expect([...asked.keys()].filter((what) => what.startsWith("log "))).toEqual([`log ${worker.id}`]);
});

test("a log that never shows them is told, with its last lines", async () => {
  const { reach, opened } = scene({ log: () => "one\ntwo\n" });
  const { exitCode, problems } = await refusalOf(reach({ timeoutMs: 20, only: [] }));
  expect([exitCode, problems[0]?.slug, problems[0]?.excerpt]).toEqual([1, "ssh-host-key", ["one", "two"]]);
  expect(opened).toEqual([]);
});

test("where the cloud tells no log, what is shown is pinned, with a warning", async () => {
  const { reach, bucket, said } = scene({ log: () => undefined });
  await reach({ only: [] });
  expect(said()).toMatch(/warning\[ssh-host-key-unproved\]: the host key SHA256:\S+ is taken/);
  expect(bucket.text(knownHostsKey("c1"))).toBe(`${master.id} ${key}\n`);
});

test("a pin that is renewed follows what is shown; the console's word saves the warning", async () => {
  const old = bare(keyPair().public);
  const { reach, bucket, said } = scene({ pins: nodes.map(({ id }) => `${id} ${old}\n`).join("") });
  await reach({ only: [worker.name], renew: [worker.name] });
  expect(said()).not.toContain("warning");
  expect(bucket.text(knownHostsKey("c1"))).toContain(`${worker.id} ${key}\n`);
  expect(bucket.text(knownHostsKey("c1"))).toContain(`${master.id} ${old}\n`);
});

test("a node that boots is waited for", async () => {
  const slugs = ["ssh-timeout", "ssh-refused", "ssh-auth"];
  const { reach, asked } = scene({ answer: (_, question) => slugs[question - 1] });
  await reach();
  expect(nodes.map(({ name }) => asked.get(`run ${name}`))).toEqual([4, 4, 4]);
});

test.for(["ssh-timeout", "ssh-refused", "ssh-auth"])(
  "%s in the end is told for its node, with its console",
  async (slug) => {
    const { reach, close } = scene({ answer: (name) => (name === worker.name ? slug : undefined) });
    const { exitCode, problems } = await refusalOf(reach({ timeoutMs: 50 }));
    expect(exitCode).toBe(1);
    expect(problems).toMatchObject([{ slug, where: worker.name, excerpt: block.split("\n") }]);
    expect(close).toHaveBeenCalledOnce();
  },
);

test("a wrong host key is not waited for, and the workers not when the master fails", async () => {
  const { reach, asked } = scene({ answer: () => "ssh-host-key" });
  expect(await refusedWith(reach())).toEqual([1, "ssh-host-key", "ssh-host-key happened"]);
  expect([...asked.keys()].filter((what) => what.startsWith("run "))).toEqual([`run ${master.name}`]);
});

test.for([
  ["master", "c1-master"],
  ["c1-worker-02", "c1-worker-02"],
  ["worker-02", "c1-worker-02"],
  ["worker-2", "c1-worker-02"],
  ["2", "c1-worker-02"],
  ["002", "c1-worker-02"],
] as const)("%s means %s", ([word, name]) => {
  expect(nodeCalled("c1", nodes, word).name).toBe(name);
});

test("a word that means none is refused with those that do", async () => {
  const { exitCode, problems } = await refusalOf(() => nodeCalled("c1", nodes, "3"));
  expect([exitCode, problems[0]?.fix]).toEqual([2, "name one of its nodes: master, worker-01 to worker-02, or 1 to 2"]);
});

test("OpenSSH is told to check as strictly as we do", () => {
  const text = sshConfig({
    nodes: nodes.slice(0, 2),
    user: "ubuntu",
    knownHosts: "/a b/50%/known_hosts",
    sshKey: "/k",
  });
  expect(text).toContain(
    `Host c1-worker-01\n  HostName ${worker.address}\n  HostKeyAlias ${worker.id}\n  ProxyJump c1-master\n`,
  );
  expect(text.match(/StrictHostKeyChecking yes/g)).toHaveLength(2);
  expect(text).toContain('UserKnownHostsFile "/a b/50%%/known_hosts"');
  expect(text.match(/ProxyJump/g)).toHaveLength(1);
});
