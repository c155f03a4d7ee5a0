/** The readiness program against daemons on loopback: what is well, and each way in which a node can be amiss. */
import { describe, expect, test } from "vitest";
import { bootOf, healthy, rounds, runReady, type Said } from "./ready-rig.ts";

test("a healthy cluster passes all it has, round after round", async () => {
  const report = await rounds(healthy(), 3);
  const byState = Object.groupBy(report.stages, ({ state }) => state);

  expect(byState.passed?.map(({ stage }) => stage)).toEqual(
    "boot names disk clock services hdfs hdfs-layout hdfs-write yarn spark history netdata web".split(" "),
  );
  expect(byState.skipped?.map(({ stage }) => stage)).toEqual(["volume", "lustre", "extras"]);
  expect([report.good_rounds, report.round, report.state]).toEqual([3, 3, "forming"]);
  // Of which starting this machine's own programs takes most.
  expect(report.round_seconds).toBeLessThan(10);
});

test("an operator's certificate may be for another address, or a name", async () => {
  const said = healthy();
  said.files["etc/hailstack/public-address"] = "192.0.2.8\n";
  said.files["etc/hailstack/web.env"] = "OWN_CERTIFICATE=true\n";
  const { stages } = await rounds(said);
  expect(stages.find(({ stage }) => stage === "web")?.state).toBe("passed");
});

type Fault = {
  name: string;
  does: (said: Said) => void;
  stage: string;
  node: string;
  reason: RegExp;
  state?: "failed";
  /** Rounds, where the first one alone cannot tell. */
  count?: number;
};
const [one, other, master] = ["c1-worker-01", "c1-worker-02", "c1-master"];
const boot = "var/lib/hailstack/boot.json";

const faults: Fault[] = [
  {
    name: "boot failed on the master",
    does: (said) => (said.files[boot] = bootOf(["names", "done"], ["users", "failed", "useradd: 6"])),
    stage: "boot",
    node: master,
    reason: /^stage users of first boot failed$/,
    state: "failed",
  },
  {
    name: "cloud-init ended with errors",
    does: (said) =>
      (said.files["run/cloud-init/status.json"] = JSON.stringify({
        v1: { datasource: "x", stage: null, init: { errors: [], recoverable_errors: { ERROR: ["bootcmd: exit 3"] } } },
      })),
    stage: "boot",
    node: master,
    reason: /^cloud-init ended with errors$/,
    state: "failed",
  },
  {
    name: "boot is not over",
    does: (said) => (said.files[boot] = bootOf(["names", "done"], ["services", "running"])),
    stage: "boot",
    node: master,
    reason: /at: services$/,
  },
  { name: "a name unknown", does: (said) => delete said.hosts[other], stage: "names", node: other, reason: /resolve/ },
  {
    name: "two names of one address",
    does: (said) => (said.hosts[other] = "127.0.0.2"),
    stage: "names",
    node: other,
    reason: /127\.0\.0\.2, as c1-worker-01 does$/,
  },
  {
    name: "a master whose name leads elsewhere",
    does: (said) => (said.hosts[master] = "192.0.2.1"),
    stage: "names",
    node: master,
    reason: /192\.0\.2\.1, which is not its address$/,
  },
  {
    name: "a service that ends again and again",
    does: (said) =>
      (said.units["yarn-rm"] = {
        ActiveState: "activating",
        SubState: "auto-restart",
        Result: "exit-code",
        NRestarts: "7",
      }),
    stage: "services",
    node: master,
    reason: /^yarn-rm ends and is started again \(exit-code, status , 7 restarts\)$/,
  },
  {
    name: "a unit that is not in the image",
    does: (said) => (said.units["nginx"] = { LoadState: "not-found", ActiveState: "inactive" }),
    stage: "services",
    node: master,
    reason: /^nginx is not in this image$/,
    state: "failed",
  },
  {
    name: "a name directory that is another's",
    does(said) {
      said.units["hdfs-namenode"] = { ActiveState: "activating", SubState: "auto-restart", NRestarts: "2" };
      said.files["var/lib/hailstack/hdfs/name/foreign"] = "";
    },
    stage: "services",
    node: master,
    reason: /refuses to format/,
    state: "failed",
  },
  {
    name: "a datanode that never came",
    does(said) {
      delete said.live[other];
      said.shut.push(`${other} datanode`);
    },
    stage: "hdfs",
    node: other,
    reason: /^datanode not registered; nothing listens on port \d+$/,
  },
  {
    name: "a datanode that has died",
    does(said) {
      delete said.live[one];
      said.dead[one] = { lastContact: 700 };
    },
    stage: "hdfs",
    node: one,
    reason: /^datanode dead, last heard of 700 s ago$/,
  },
  {
    name: "a datanode that is silent",
    does: (said) => (said.live[one] = { lastContact: 13, volfails: 0, remaining: 62e9 }),
    stage: "hdfs",
    node: one,
    reason: /^datanode silent for 13 s$/,
  },
  {
    name: "a datanode whose disk is full",
    does: (said) => (said.live[other] = { lastContact: 1, volfails: 0, remaining: 5_000_000 }),
    stage: "hdfs",
    node: other,
    reason: /^datanode has no room: 4 MiB left/,
  },
  {
    name: "a datanode that has lost a disk",
    does: (said) => (said.live[other] = { lastContact: 1, volfails: 1, remaining: 62e9 }),
    stage: "hdfs",
    node: other,
    reason: /^datanode lost 1 of its volumes$/,
  },
  {
    name: "a nodemanager that is not there",
    does: (said) => said.nodeManagers.pop(),
    stage: "yarn",
    node: other,
    reason: /^nodemanager not registered$/,
  },
  {
    name: "a nodemanager with a full disk",
    does: (said) =>
      Object.assign(said.nodeManagers[0] ?? {}, { state: "UNHEALTHY", healthReport: "1/1 local-dirs usable" }),
    stage: "yarn",
    node: one,
    reason: /^nodemanager is unhealthy: 1\/1 local-dirs usable$/,
  },
  {
    name: "a nodemanager that has just been killed, of which YARN knows nothing yet",
    does: (said) => said.shut.push(`${one} nodemanager`),
    stage: "yarn",
    node: one,
    reason: /^nodemanager: nothing listens on port \d+$/,
  },
  {
    name: "a nodemanager that hangs, of which YARN knows nothing for ten minutes",
    does: (said) => said.mute.push(`${one} nodemanager`),
    stage: "yarn",
    node: one,
    reason: /^nodemanager: port \d+ takes calls, but nothing answers$/,
  },
  {
    name: "a Spark worker that hangs",
    does: (said) => said.mute.push(`${other} spark-worker`),
    stage: "spark",
    node: other,
    reason: /^spark-worker: port \d+ takes calls, but nothing answers$/,
  },
  {
    name: "a Spark worker that is too small for what notebooks ask",
    does: (said) => Object.assign(said.sparkWorkers[1] ?? {}, { memory: 1000 }),
    stage: "spark",
    node: other,
    reason: /offers 2 cores and 1000 MiB; 1 executors need 2 and 1024$/,
  },
  {
    name: "a Spark worker that is silent",
    does: (said) => Object.assign(said.sparkWorkers[0] ?? {}, { lastheartbeat: Date.now() - 55_000 }),
    stage: "spark",
    node: one,
    reason: /^Spark worker silent for \d+ s$/,
  },
  {
    name: "a node that sends no metrics",
    does: (said) => (said.sending = said.sending.filter((name) => name !== one)),
    stage: "netdata",
    node: one,
    reason: /^sends no metrics$/,
  },
  {
    name: "a web front that is open",
    does: (said) => (said.closed = 200),
    stage: "web",
    node: master,
    reason: /^\/ answers 200 without the password, not 401$/,
  },
  {
    name: "a port 80 that leads nowhere",
    does: (said) => (said.redirect = "http://elsewhere/"),
    stage: "web",
    node: master,
    reason: /^port 80 answers 301 instead/,
  },
  {
    name: "a certificate of another address",
    does: (said) => (said.files["etc/hailstack/public-address"] = "192.0.2.8\n"),
    stage: "web",
    node: master,
    reason: /^the certificate is for 192\.0\.2\.7, not for 192\.0\.2\.8$/,
  },
  {
    name: "a volume that was refused",
    does(said) {
      said.cluster["volume"] = { id: "v", kind: "new", mount: "/data" };
      said.units["hailstack-volume"] = { ActiveState: "failed", Result: "exit-code" };
    },
    stage: "volume",
    node: master,
    reason: /^hailstack-volume has failed/,
  },
  {
    name: "a volume that is shared with everybody",
    does(said) {
      said.cluster["volume"] = { id: "v", kind: "new", mount: "/data" };
      said.files["proc/self/mountinfo"] = "1 2 0:1 / /data rw - ext4 /dev/mapper/hailstack-data rw\n";
      said.files["var/lib/nfs/etab"] = "/data\t*(rw)\n";
    },
    stage: "volume",
    node: master,
    reason: /^\/data is shared with everybody$/,
  },
  {
    name: "a Lustre that is away",
    does: (said) => (said.cluster["lustre"] = { target: "10.1.0.1@tcp:/fsx" }),
    stage: "lustre",
    node: master,
    reason: /^\/lustre is not mounted from 10\.1\.0\.1@tcp:\/fsx$/,
  },
  {
    name: "extras that failed",
    does(said) {
      said.cluster["extras"] = { system_packages: ["nosuch"], python_packages: [] };
      said.files[boot] = bootOf(["web", "done"], ["extras", "failed", "E: Unable to locate package nosuch"]);
    },
    stage: "extras",
    node: master,
    reason: /^extras failed$/,
    state: "failed",
  },
];

describe("of what is amiss, node and stage and reason are told:", () => {
  test.for(faults)("$name", async ({ does, stage, node, reason, state, count }) => {
    const said = healthy();
    does(said);
    const found = (await rounds(said, count)).stages.find((one) => one.stage === stage);

    expect(found).toMatchObject({ state: state ?? "waiting", look: expect.stringMatching(/./) });
    expect(Object.keys(found?.nodes ?? {})).toEqual([node]);
    expect(found?.nodes[node]).toMatch(reason);
  });
});

describe("HDFS", () => {
  const stageOf = async (does: (said: Said) => void, stage: string) => {
    const said = healthy();
    does(said);
    return (await rounds(said)).stages.find((one) => one.stage === stage);
  };

  test("in safe mode is waited for, and nothing is asked of it meanwhile", async () => {
    const does = (said: Said): void => void (said.safemode = "Safe mode is ON");
    expect((await stageOf(does, "hdfs"))?.detail).toContain("Safe mode is ON");
    expect(await stageOf(does, "hdfs-write")).toMatchObject({ state: "waiting", detail: "after hdfs" });
  });

  test.for([
    ["/tmp", { permission: "755", owner: "hdfs" }, "/tmp is a DIRECTORY of mode 755"],
    ["/mr-history/done", { permission: "750", owner: "hdfs" }, "/mr-history/done is hdfs's"],
  ] as const)("with a wrong %s is told", async ([path, folder, detail]) => {
    expect(await stageOf((said) => (said.folders[path] = folder), "hdfs-layout")).toMatchObject({ detail });
  });

  test("that lacks a folder is told by its own reason", async () => {
    const found = await stageOf((said) => delete said.folders["/spark-logs"], "hdfs-layout");
    expect(found).toMatchObject({ state: "waiting", detail: expect.stringContaining("FileNotFoundException") });
  });

  test("that sends a writer to a worker that has gone is asked again, but not for ever", async () => {
    expect(await stageOf((said) => (said.sendsAway = 3), "hdfs-write")).toMatchObject({ state: "passed" });
    const found = await stageOf((said) => (said.sendsAway = 1000), "hdfs-write");
    expect(found).toMatchObject({ state: "waiting", detail: expect.stringContaining("127.0.0.9") });
  });

  test("that gives back other bytes, or keeps other copies, has failed", async () => {
    expect(await stageOf((said) => (said.spoil = true), "hdfs-write")).toMatchObject({ state: "failed" });
    const found = await stageOf((said) => (said.copies = 1), "hdfs-write");
    expect(found?.detail).toBe("files get 1 copies, not 2");
  });
});

test("an answer of another shape spoils its own stage only", async () => {
  const said = healthy();
  said.jupyter = ["no version"];
  said.nodeManagers = "none" as never;
  const report = await rounds(said);
  expect(report.stages.filter(({ state }) => state === "waiting").map(({ stage }) => stage)).toEqual(["yarn", "web"]);
});

test("what waits longer than its stage may has failed, with its unit's last words, masked", async () => {
  const said = healthy();
  said.units["nginx"] = { ActiveState: "activating", SubState: "auto-restart", Result: "exit-code" };
  said.journal["nginx"] = "bind() to 0.0.0.0:443 failed\nkey canary-spark was read\n";
  const services = (await rounds(said, 2, "services=0")).stages.find(({ stage }) => stage === "services");
  expect(services).toMatchObject({
    state: "failed",
    detail: expect.stringContaining("for 0 s, which is as long as it may take"),
    lines: ["bind() to 0.0.0.0:443 failed", "key *** was read"],
  });
});

test("whoever follows says how long there is, and stages and job take so many times as long", async () => {
  const given: [number, number][] = [
    [600, 1],
    [90_000, 1.5],
  ];
  const told: unknown = JSON.parse(await runReady(healthy(), { what: "patience", given }));
  expect(told).toEqual([
    [1, 600, 600],
    [1.5, 90_000, 2700],
  ]);
});

test("a stage takes as much longer as it is given", async () => {
  const said = healthy();
  said.units["nginx"] = { ActiveState: "activating", SubState: "auto-restart" };
  const order = { what: "follow", deadlines: "services=1", patience: [600, 3] } as const;
  const report = JSON.parse(await runReady(said, order));
  expect([report.state, report.stages.find(({ state }: { state: string }) => state === "failed")]).toMatchObject([
    "failed",
    { stage: "services", detail: expect.stringContaining("(for 3 s, which is as long as it may take)") },
  ]);
});

test("when the time that was given is over, what is still waited for has failed", async () => {
  const said = healthy();
  said.nodeManagers = said.nodeManagers.slice(1);
  const report = JSON.parse(await runReady(said, { what: "follow", patience: [1, 1] }));
  expect([report.state, report.stages.find(({ state }: { state: string }) => state === "failed")]).toMatchObject([
    "failed",
    { stage: "yarn", nodes: { "c1-worker-01": "nodemanager not registered" } },
  ]);
});

test("no line with a secret, or that speaks of one, is shown", async () => {
  const lines = ["spark.authenticate.secret canary-spark", "sent canary-netdata", "Password: hunter2", "fine"];
  const withheld = "(a line that speaks of a secret is left out)";
  const shown: unknown = JSON.parse(await runReady(healthy(), { what: "mask", lines }));
  expect(shown).toEqual([withheld, "sent ***", withheld, "fine"]);
});

// Six rounds of real processes: seconds on a machine that has nothing else to do.
describe("after three good rounds", { timeout: 120_000 }, () => {
  const job = (script: string): string => `import json, sys
order = json.load(sys.stdin)
tell = lambda **news: print(order["mark"] + json.dumps(news), flush=True)
${script}
`;
  const follow = async (said: Said, deadlines = "") => JSON.parse(await runReady(said, { what: "follow", deadlines }));

  test("a Hail job runs, and then the cluster is ready", async () => {
    const said = healthy();
    said.job = job(
      `tell(state="passed", detail=order["folder"][:20], hosts=order["workers"], steps={"a": order["slots"]})`,
    );
    const report = await follow(said);
    expect(report).toMatchObject({ state: "ready", good_rounds: 3, round: 3 });
    expect(report.job).toMatchObject({
      state: "passed",
      detail: "/tmp/hailstack-ready",
      hosts: ["c1-worker-01", "c1-worker-02"],
      steps: { a: 4 },
    });
  });

  test("a job that fails is tried again once, and told with worker, step and last lines", async () => {
    const said = healthy();
    said.job = job(`print("java.lang.Error\\nmy token=abcd")
tell(state="failed", detail="tasks ran on 1 of 2 workers", nodes={"c1-worker-02": "ran no task"})
sys.exit(1)`);
    const report = await follow(said);
    expect([report.state, report.round]).toEqual(["failed", 6]);
    expect(report.job).toMatchObject({
      state: "failed",
      nodes: { "c1-worker-02": "ran no task" },
      lines: ["java.lang.Error", "(a line that speaks of a secret is left out)"],
    });
  });

  test("a job that dies is told with what it was at", async () => {
    const said = healthy();
    said.job = job(`tell(state="running", detail="hl.init()")\nsys.exit(3)`);
    expect((await follow(said)).job.detail).toBe("ended with status 3 at: hl.init()");
  });

  test("a job that hangs is ended, and told with what it was at", async () => {
    const said = healthy();
    said.job = job(`tell(state="running", detail="linear regression")\nimport time\ntime.sleep(600)`);
    expect((await follow(said, "job=2")).job.detail).toBe("not done after 2 s; it was at: linear regression");
  });

  test("workers whose cores others use are not waited for", async () => {
    const said = healthy();
    for (const worker of said.sparkWorkers) worker.coresfree = 0;
    const report = await follow(said);
    expect([report.state, report.job.busy]).toEqual(["ready", ["c1-worker-01", "c1-worker-02"]]);
  });

  test("extras that failed do not keep the job from running, and the cluster is not called ready", async () => {
    const said = healthy();
    said.cluster["extras"] = { system_packages: ["nosuch"], python_packages: [] };
    said.files[boot] = bootOf(["web", "done"], ["extras", "failed", "E: Unable to locate package nosuch"]);
    said.job = job(`tell(state="passed", detail="on 2 workers")`);
    const report = await follow(said);
    expect([report.state, report.job.state]).toEqual(["failed", "passed"]);
    expect(report.stages.at(-1)).toMatchObject({ state: "failed", lines: ["E: Unable to locate package nosuch"] });
  });
});
