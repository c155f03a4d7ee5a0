/**
 * `create` ends with a cluster on which a Hail job has just run, behind one password, and no one needs to look; and when
 * something breaks, with what and where.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { faultCalled } from "../faults/nodes/all-faults.ts";
import { handsOf, wrongReport } from "../faults/nodes/play.ts";
import { openWindow, type Window } from "../web/browser.ts";
import { crawl } from "../web/crawl.ts";
import { endKernel, enterJupyter, openNotebook, runCell } from "../web/notebook.ts";
import { pages, readUntil } from "../web/pages.ts";
import { resultOf, watched } from "../engine/commands/watched.ts";
import { noNodes, openRealRig } from "./real-cluster.ts";

const rig = openRealRig({ boots: true });
/** Of one create: a busy machine boots three nodes and runs a Hail job. */
const createMs = 1_200_000;
const create = (...args: string[]) => ["create", "--ssh-key", rig().sshKey, ...args];
/** Hadoop's daemons keep their logs from everybody as soon as their services ask who may use them. */
const refusedByHadoop = /\/(?:logs\/|logs|logLevel)(?:\?|$)/;
const workers = ["c1-worker-01", "c1-worker-02"];
const browser = inject("browser");
if ("none" in browser && !noNodes) process.stderr.write(`no browser looks at the cluster: ${browser.none}\n`);
/** Of a Hail job in a notebook, Spark's start with it. */
const cellMs = 600_000;

/** Where people find the cluster. */
async function address(): Promise<string> {
  const status = await rig().hailstack("status", "--json");
  return String(JSON.parse(status.stdout).master.ip);
}

describe.skipIf(noNodes)("a cluster of one master and two workers", () => {
  test("is ready when create ends: a Hail job ran on every worker", { timeout: createMs }, async () => {
    const run = await rig().hailstack(...create("--json"));

    expect([run.code, run.code === 0 ? "" : `${run.stdout}${run.stderr}`.slice(-4000)]).toEqual([0, ""]);
    const { ready, readiness, certificate_sha256 } = resultOf(run);
    expect(ready).toBe(true);
    expect(readiness).toMatchObject({ state: "ready", job: { state: "passed", hosts: workers } });
    expect(certificate_sha256).toMatch(/^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    expect(rig().cloud.surprises).toEqual([]);
  });

  test("needs nothing the second time: no write anywhere, no restart", { timeout: createMs }, async () => {
    const started = () =>
      rig().bed.exec("c1-master", "systemctl", "show", "-p", "InvocationID", "jupyter-lab", "nginx");
    const before = await started();
    const run = await watched(rig(), create());

    expect([run.code, run.writes, run.stored]).toEqual([0, [], []]);
    expect(run.stdout).toContain("0 changes");
    expect(await started()).toBe(before);
  });

  test("shows every page and asset of its web front to who knows the password", { timeout: createMs }, async () => {
    const host = await address();
    const { faults, visited } = await crawl({
      host,
      password: rig().webPassword,
      nodes: ["c1-master", ...workers],
      canaries: rig().secrets,
    });

    expect(faults.filter(({ at }) => !refusedByHadoop.test(at))).toEqual([]);
    expect(Object.keys(visited)).toEqual(
      expect.arrayContaining(["/jupyter", "/spark", "/sparkhist", "/yarn", "/mapreduce", "/hdfs", "/netdata", "/nm01"]),
    );
  });

  test("has charts and alarms of HDFS, YARN and Spark", { timeout: 120_000 }, async () => {
    const netdata = async (path: string) =>
      JSON.parse(await rig().bed.exec("c1-master", "curl", "-sS", `http://127.0.0.1:19999${path}`));
    const values = async (host: string, chart: string) => {
      const all = await netdata(`/host/${host}/api/v1/allmetrics?format=json`);
      const dimensions: Record<string, { value: number }> = all[chart]?.dimensions ?? {};
      return Object.fromEntries(Object.entries(dimensions).map(([name, { value }]) => [name, value]));
    };
    const soon = { timeout: 60_000, interval: 2000 };
    await expect.poll(() => values("c1-master", "hdfs.data_nodes"), soon).toMatchObject({ live: 2, dead: 0 });
    await expect.poll(() => values("c1-master", "yarn.nodes"), soon).toMatchObject({ active: 2, unhealthy: 0 });
    await expect.poll(() => values("c1-master", "spark.workers"), soon).toEqual({ alive: 2, missing: 0 });
    for (const host of ["c1-master", ...workers]) {
      await expect.poll(() => values(host, "hailstack.daemons"), soon).toEqual({ answering: 3, silent: 0 });
    }
    const { alarms } = await netdata("/api/v1/alarms?all");
    const watched = Object.keys(alarms).map((name) => name.split(".").at(-1));
    expect(watched).toEqual(
      expect.arrayContaining([
        "hdfs_dead_nodes",
        "hdfs_missing_blocks",
        "yarn_nodes_unusable",
        "spark_workers_missing",
      ]),
    );
  });

  describe.skipIf("none" in browser)("in a browser", () => {
    let window: Window;
    /** What a test's steps have shown besides. */
    const amiss = async (name: string) => {
      await window.picture(name);
      return window.faults();
    };
    beforeAll(async () => {
      if ("path" in browser) window = await openWindow(browser.path, await address(), rig().webPassword);
    });
    afterAll(() => window?.close());

    test.for(pages)("shows $name whole", async ({ name, path, shows }) => {
      await window.visit(path);
      const text = await readUntil(window.page, shows);

      for (const wanted of shows) expect(text).toMatch(wanted);
      expect(await amiss(name)).toEqual([]);
    });

    let application = "";
    test("runs a Hail cell in a notebook to its end", { timeout: cellMs }, async () => {
      const { page } = window;
      await enterJupyter(window, rig().webPassword);
      expect(await amiss("jupyterlab")).toEqual([]);
      await openNotebook(page, "Hail");
      const job = [
        "import hail as hl",
        "hl.init()",
        "table = hl.utils.range_table(1000, n_partitions=8)",
        "table.aggregate(hl.agg.sum(table.idx))",
      ];
      expect(await runCell(page, job, cellMs)).toBe("499500");
      application = (await runCell(page, ["hl.spark_context().applicationId"], cellMs)).replaceAll("'", "");
      expect(application).toMatch(/^app-\d+-\d+$/);
      expect(await amiss("notebook")).toEqual([]);
    });

    test("shows it in Spark while it lives, and in the history once its kernel has ended", async () => {
      const { page } = window;
      const named = [new RegExp(application)];
      await window.visit("/spark/");
      expect(await readUntil(page, [/Applications:\s+1 Running/, ...named])).toMatch(named[0] ?? /^$/);
      expect(await amiss("spark-running")).toEqual([]);
      await page.getByRole("row", { name: application }).getByRole("link", { name: "Hail" }).click();
      expect(await readUntil(page, [/Completed Jobs/])).toMatch(/Completed Jobs/);
      expect(new URL(page.url()).pathname).toContain(`/spark/proxy/${application}`);
      expect(await amiss("spark-application")).toEqual([]);

      await window.visit("/jupyter/lab");
      await endKernel(page, "Hail");
      expect(await amiss("kernel-ended")).toEqual([]);
      await expect
        .poll(
          async () => {
            await window.visit("/sparkhist/");
            return readUntil(page, [/Showing \d+ to/]);
          },
          { timeout: 120_000, interval: 3000 },
        )
        .toMatch(named[0] ?? /^$/);
      await page.getByRole("link", { name: application }).click();
      expect(await readUntil(page, [/Completed Jobs/])).toMatch(/Completed Jobs/);
      expect(await amiss("history-application")).toEqual([]);
    });
  });

  test("lets its operator in by name, with the host keys that were pinned", async () => {
    const run = await rig().hailstack("ssh", "--ssh-key", rig().sshKey, "worker-02", "--", "hostname");
    expect([run.code, run.stdout.trim(), run.stderr]).toEqual([0, "c1-worker-02", expect.any(String)]);
  });

  describe("of which something is broken on both kinds of node", () => {
    // As many at once as there are stages that do not wait for each other; `npm run test:faults -- nodes` plays them all.
    const broken = ["yarn-nm of c1-worker-02 hangs", "HDFS in safe mode", "clock is not set"].map(faultCalled);
    const soon = () => ["--json", "--timeout", "0.7", "--ssh-key", rig().sshKey];

    test(
      "is not called ready by create, which names node, stage, reason and what to type",
      { timeout: createMs },
      async () => {
        for (const { inject } of broken) await inject(handsOf(rig()));
        const run = await rig().hailstack("create", ...soon());
        expect(broken.flatMap(({ says }) => wrongReport(run, says))).toEqual([]);
        expect(run.stdout).not.toContain("created");
      },
    );

    test("is told by ready in the same words", { timeout: createMs }, async () => {
      const run = await rig().hailstack("ready", ...soon());
      expect(broken.flatMap(({ says }) => wrongReport(run, says))).toEqual([]);
    });

    test("has logs of the daemon that hangs, and all of it in one archive without a secret", async () => {
      const logs = await rig().hailstack("logs", "--ssh-key", rig().sshKey, "worker-02", "yarn-nm");
      expect([logs.code, logs.stdout]).toEqual([0, expect.stringContaining("NodeManager")]);
      const path = join(rig().folder, "all.tar.gz");
      const packed = await rig().hailstack("diagnose", "--ssh-key", rig().sshKey, "--output", path);
      expect([packed.code, packed.stdout]).toEqual([0, `${path}\n`]);
      const text = execFileSync("tar", ["-xzOf", path], { encoding: "utf8", maxBuffer: 256 * 2 ** 20 });
      expect(text).toContain("takes calls, but nothing answers");
      const settings = await rig().bed.exec("c1-worker-02", "cat", "/etc/spark/conf/spark-defaults.conf");
      const shared = /^spark\.authenticate\.secret\s+(\S+)/m.exec(settings)?.[1] ?? "";
      expect(shared).toMatch(/\S{16}/);
      for (const secret of [...rig().secrets, shared]) expect(text).not.toContain(secret);
    });

    test(
      "is well again by the same command once that is mended, and nothing else was started again",
      { timeout: createMs },
      async () => {
        const units = [
          "show",
          "-p",
          "InvocationID",
          "hdfs-namenode",
          "hdfs-datanode",
          "yarn-rm",
          "yarn-nm",
          "spark-master",
        ];
        const started = () =>
          Promise.all(["c1-master", ...workers].map((node) => rig().bed.exec(node, "systemctl", ...units)));
        const before = await started();
        for (const { mend } of broken) await mend?.(handsOf(rig()));
        const run = await rig().hailstack(...create());
        expect([run.code, run.stderr]).toEqual([0, expect.stringContaining("Hail job")]);
        expect(await started()).toEqual(before);
      },
    );
  });

  test("is destroyed, and nothing of it is left", async () => {
    const run = await rig().hailstack("destroy", "--yes", "c1");
    expect([run.code, run.stderr, rig().bed.left()]).toEqual([0, expect.any(String), []]);
  });
});
