/** `create` ends with a cluster on which a Hail job has just run, behind one password, and no one needs to look. */
import { describe, expect, test } from "vitest";
import { crawl } from "../web/crawl.ts";
import { resultOf, watched } from "../engine/commands/watched.ts";
import { noNodes, openRealRig } from "./real-cluster.ts";

const rig = openRealRig({ boots: true });
/** Of one create: a busy machine boots three nodes and runs a Hail job. */
const createMs = 1_200_000;
const create = (...args: string[]) => ["create", "--ssh-key", rig().sshKey, ...args];
/** Hadoop's daemons keep their logs from everybody as soon as their services ask who may use them. */
const refusedByHadoop = /\/(?:logs\/|logs|logLevel)(?:\?|$)/;
const workers = ["c1-worker-01", "c1-worker-02"];

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
    const status = await rig().hailstack("status", "--json");
    const host = String(JSON.parse(status.stdout).master.ip);
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

  test("lets its operator in by name, with the host keys that were pinned", async () => {
    const run = await rig().hailstack("ssh", "--ssh-key", rig().sshKey, "worker-02", "--", "hostname");
    expect([run.code, run.stdout.trim()]).toEqual([0, "c1-worker-02"]);
  });

  test("is destroyed, and nothing of it is left", async () => {
    const run = await rig().hailstack("destroy", "--yes", "c1");
    expect([run.code, rig().bed.left()]).toEqual([0, []]);
  });
});
