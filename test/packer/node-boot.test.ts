/** `boot`: what a node does with its part in the cluster, stage by stage, and what becomes of a stage that fails. */
import { describe, expect, test, vi } from "vitest";
import { canOverlay, tellSkipped } from "./rig.ts";
import { address, hosts, inPython, onNode, volume, type OnNode, type Rule, type Setting } from "./node-rig.ts";

tellSkipped("node-boot.test.ts");
// Each run makes a whole file system over this machine's, which takes seconds where much else is at work.
vi.setConfig({ testTimeout: 180_000 });
const masters =
  "hailstack-hdfs-layout hailstack-ready hdfs-namenode jupyter-lab mapred-history spark-history-server spark-master yarn-rm";
const workers = "hdfs-datanode spark-worker yarn-nm";
const services = (names: string) => names.split(" ").map((name) => `${name}.service`);
const enable = (role: string, units: readonly string[]) =>
  `systemctl enable --quiet --no-reload hailstack-${role}.target hailstack-boot.service ${units.join(" ")}`;

/** What systemd and nginx say on a node where all is well. */
const well: Rule[] = [
  { call: "systemctl (enable|add-wants|disable|daemon-reload|start|reload-or-restart)( .*)?" },
  { call: "systemctl cat hailstack-ready.service" },
  { call: "systemd-tmpfiles --create /etc/tmpfiles.d/hailstack-hail.conf" },
  { call: "nginx -t" },
];
const boot = (setting: Setting = {}, script = "/usr/libexec/hailstack/boot") =>
  onNode(script, { ...setting, rules: [...(setting.rules ?? []), ...well] });

type Told = { state: string; stages: { stage: string; state: string; seconds: number; message: string }[] };
const told = (node: OnNode): Told => JSON.parse(node.read("/var/lib/hailstack/boot.json") ?? "null");
const states = (node: OnNode) => told(node).stages.map(({ stage, state }) => `${stage} ${state}`);
const messageOf = (node: OnNode, name: string) => told(node).stages.find(({ stage }) => stage === name)?.message ?? "";

describe.skipIf(!canOverlay)("the boot of a master", () => {
  test("goes through its stages in order, and starts what a master runs without waiting", async () => {
    const node = await boot();

    expect([node.code, states(node), told(node).state]).toEqual([
      0,
      ["names", "users", "settings", "services", "web", "ready", "extras"].map((stage) => `${stage} done`),
      "done",
    ]);
    expect(
      node.out
        .replaceAll(/\d+\.\d/g, "S")
        .trimEnd()
        .split("\n"),
    ).toEqual([
      ...["names", "users", "settings", "services", "web", "ready", "extras"].map(
        (stage) => `hailstack boot: ${stage}: done in S s`,
      ),
      "hailstack boot: done",
    ]);
    expect(node.calls).toEqual([
      "systemd-tmpfiles --create /etc/tmpfiles.d/hailstack-hail.conf",
      enable("master", services(masters)),
      "systemctl add-wants --quiet --no-reload hailstack-master.target nginx.service",
      "systemctl daemon-reload",
      "systemctl start --no-block hailstack-master.target",
      "nginx -t",
      "systemctl reload-or-restart --no-block nginx.service",
      "systemctl cat hailstack-ready.service",
      "systemctl start --no-block hailstack-ready.service",
    ]);
    expect(messageOf(node, "names")).toBe(`c1-master is ${address}; 2 nodes are known`);
    expect(node.read("/etc/group")).toMatch(/^hadoop:x:980:ubuntu$/m);
  });

  test("three times is once: the same files, owners and modes", async () => {
    const look = `find /etc /var/lib/hailstack -newer /mark ! -path /etc/mtab -printf '%p %m %u:%g %l\\n' | sort
      sed 's/"seconds": [0-9.]*//' /var/lib/hailstack/boot.json; md5sum /etc/group /etc/gshadow /etc/tmpfiles.d/*`;
    const script = (times: number) =>
      `touch -d '1 minute ago' /mark; for i in $(seq ${times}); do /usr/libexec/hailstack/boot >/dev/null || exit 1; done; ${look}`;
    const [once, thrice] = await Promise.all([boot({}, script(1)), boot({}, script(3))]);

    expect(once.out).toContain("/var/lib/hailstack/booted 644 root:root");
    expect([thrice.code, thrice.out.replaceAll(/^\/etc\/g?(group|shadow)-.*\n/gm, "")]).toEqual([
      0,
      once.out.replaceAll(/^\/etc\/g?(group|shadow)-.*\n/gm, ""),
    ]);
    expect(thrice.calls).toHaveLength(once.calls.length * 3);
  });

  test("its log is root's and adm's, and --resume has nothing to do after a good end", async () => {
    const node = await boot(
      {},
      "/usr/libexec/hailstack/boot; stat -c '%a %U:%G' /var/log/hailstack/boot.log; /usr/libexec/hailstack/boot --resume",
    );
    expect(node.code).toBe(0);
    expect(node.out.trimEnd().split("\n").slice(-1)).toEqual(["640 root:adm"]);
    expect(node.read("/var/log/hailstack/boot.log")).toMatch(/Z names: done in [\d.]+ s\n {2}c1-master is /);
  });

  test("what the image has for it is enabled: Netdata where it is asked for, the volume where there is one", async () => {
    const node = await boot({ facts: { monitoring: true, volume } });

    expect(node.code).toBe(0);
    const units = [...services(masters), "hailstack-volume.service"].toSorted();
    expect(node.calls).toContain(enable("master", units));
    expect(node.calls).toContain(
      "systemctl add-wants --quiet --no-reload hailstack-master.target netdata.service nginx.service",
    );
    expect(node.read("/etc/systemd/system/home-ubuntu-data.mount")).toMatch(
      /What=\/dev\/mapper\/hailstack-data\nWhere=\/home\/ubuntu\/data\nOptions=noatime\n/,
    );
    expect(node.read("/etc/systemd/system/nfs-server.service.d/hailstack.conf")).toContain(
      "RequiresMountsFor=/home/ubuntu/data\nAssertPathIsMountPoint=/home/ubuntu/data\n",
    );
    expect(node.read("/etc/tmpfiles.d/hailstack-hail.conf")).toContain("e /home/ubuntu/data/tmp 1777 ubuntu 1000 14d");
  });

  test("and is taken back where it is asked for no longer", async () => {
    const before = "/usr/libexec/hailstack/boot >/dev/null; ";
    const wants = "/etc/systemd/system/hailstack-master.target.wants";
    const script = `${before} mkdir -p ${wants}; touch ${wants}/netdata.service; : >/stand-in/calls
      sed -i 's/"volume": *{[^}]*}/"volume":null/' /etc/hailstack/cluster.json
      /usr/libexec/hailstack/boot; ls /etc/systemd/system | grep -c '^home-'; stat -c %F /var/lib/hailstack/hail`;
    const node = await boot({ facts: { volume } }, script);

    expect(node.calls).toContain("systemctl disable --now --quiet home-ubuntu-data.mount");
    expect(node.calls).toContain("systemctl disable --now --quiet netdata.service");
    expect(node.out).toContain("\n0\n");
  });

  test("a folder below a volume is closed while nothing is mounted there", async () => {
    const script =
      "/usr/libexec/hailstack/boot; stat -c '%a %U' /home/ubuntu/data; readlink /var/lib/hailstack/hail/tmp";
    const { out } = await boot({ facts: { volume } }, script);
    expect(out).toContain("555 root\n/home/ubuntu/data/tmp\n");
  });
});

describe.skipIf(!canOverlay)("the boot of a worker", () => {
  const worker = { role: "worker", hostname: "c1-worker-01" };
  const hostsOfWorker = hosts.replace(address, "10.99.0.9").replace("10.99.0.11", address);
  const onWorker = (setting: Setting = {}) =>
    boot(
      { ...setting, facts: { ...worker, ...setting.facts }, files: { "etc/hosts": hostsOfWorker } },
      "hostname c1-worker-01; /usr/libexec/hailstack/boot",
    );

  test("starts what a worker runs, and neither web front nor checks", async () => {
    const node = await onWorker();
    expect([node.code, states(node)]).toEqual([
      0,
      ["names", "users", "settings", "services", "extras"].map((stage) => `${stage} done`),
    ]);
    expect(node.calls).toContain(enable("worker", services(workers)));
    expect(node.calls.join()).not.toMatch(/nginx|ready/);
  });

  test("mounts the master's volume and Lustre when somebody looks there", async () => {
    const node = await onWorker({
      facts: { volume, lustre: { target: "10.1.0.1@tcp:/fs%x" } },
      rules: [{ call: "modprobe lustre" }],
    });
    expect(node.code).toBe(0);
    expect(node.calls).toContain(
      enable("worker", [
        "hdfs-datanode.service",
        "home-ubuntu-data.automount",
        "lustre.automount",
        ...services("spark-worker yarn-nm"),
      ]),
    );
    const unit = (name: string) => node.read(`/etc/systemd/system/${name}`);
    expect(unit("home-ubuntu-data.mount")).toMatch(
      /What=c1-master:\/home\/ubuntu\/data\nWhere=\/home\/ubuntu\/data\nType=nfs4\nOptions=_netdev,hard,noatime\n/,
    );
    // systemd takes a percent sign for one of its own words.
    expect(unit("lustre.mount")).toContain("What=10.1.0.1@tcp:/fs%%x\nWhere=/lustre\nType=lustre\n");
    expect(unit("lustre.automount")).toMatch(/Where=\/lustre\n\n\[Install\]\nWantedBy=hailstack-worker\.target\n/);
  });

  test("without Lustre's module it says so, and goes on", async () => {
    const node = await onWorker({
      facts: { lustre: { target: "10.1.0.1@tcp:/fsx" } },
      rules: [{ call: "modprobe lustre", code: 1, out: "modprobe: FATAL: Module lustre not found." }],
    });
    expect([node.code, states(node)]).toEqual([
      1,
      ["names done", "users done", "settings failed", "services done", "extras done"],
    ]);
    expect(messageOf(node, "settings")).toMatch(
      /^Lustre is not mounted: this kernel, \S+, has no module lustre \(modprobe: FATAL: Module lustre not found\.\); bake/,
    );
    expect(node.out).toContain("hailstack boot: settings: failed in ");
    expect(node.read("/etc/systemd/system/lustre.mount")).toBeUndefined();
    expect(node.read("/var/lib/hailstack/booted")).toBeUndefined();
  });
});

describe.skipIf(!canOverlay)("a stage that fails", () => {
  test.for([
    [
      "the node's name on a loopback address",
      "127.0.1.1 c1-master\n" + hosts,
      /c1-master has the loopback address 127\.0\.1\.1/,
    ],
    ["a name twice", `${hosts}10.99.0.12 worker-01\n`, /\/etc\/hosts: worker-01 is there twice$/],
    ["an address twice", `${hosts}${address} other\n`, /\/etc\/hosts: 10\.99\.0\.10 is there twice$/],
    [
      "an address of no interface",
      hosts.replace(address, "10.99.0.99"),
      /c1-master is 10\.99\.0\.99, which no interface/,
    ],
    ["a master nobody knows", "127.0.0.1 localhost\n", /does not know c1-master$/],
  ] as const)("%s ends the boot before anything starts", async ([, text, message]) => {
    const node = await boot({ files: { "etc/hosts": text } });
    expect([node.code, states(node), node.calls]).toEqual([1, ["names failed"], []]);
    expect(messageOf(node, "names")).toMatch(message);
    expect(node.out).toMatch(/^hailstack boot: names: failed in [\d.]+ s: .+\nhailstack boot: failed\n$/);
    expect(node.read("/var/lib/hailstack/booted")).toBeUndefined();
  });

  test("no login user, no cluster.json, half a cluster.json", async () => {
    const lost = await boot({ facts: { ssh_username: "nobody-here" } });
    expect(states(lost)).toEqual(["names done", "users failed"]);
    expect(messageOf(lost, "users")).toMatch(/^there is no user nobody-here/);
    expect(messageOf(await boot({ facts: null }), "names")).toMatch(/cluster\.json is not there/);
    const half = await boot({ facts: null, files: { "etc/hailstack/cluster.json": '{"role": "mas' } });
    expect(messageOf(half, "names")).toMatch(/cluster\.json cannot be used/);
  });

  test("of the web front leaves the cluster up, and is told without secrets", async () => {
    const said = "nginx: [emerg] bad thing password=hunter2 at https://u:hunter3@example.org/";
    const node = await boot({ rules: [{ call: "nginx -t", code: 1, out: said }] });
    expect([node.code, states(node).slice(-3)]).toEqual([1, ["web failed", "ready done", "extras done"]]);
    expect(messageOf(node, "web")).toMatch(
      /^nginx refuses its configuration: .*password=\*\*\* at https:\/\/\*\*\*@example\.org\/$/,
    );
    const everything = [node.out, node.read("/var/lib/hailstack/boot.json"), node.read("/var/log/hailstack/boot.log")];
    expect(everything.join()).not.toMatch(/hunter/);
  });
});

test("mount units are called what systemd calls them", async () => {
  const paths = ["/home/ubuntu/data", "/home/a-b/data", "/lustre", "/home/ü.x/data", "/a/.b/c_d:e"];
  const code = "import sys; from hailstack_node import mounts\nfor each in sys.argv[1:]: print(mounts.unit_of(each))";
  const { out } = await inPython(code, ...paths);
  // What `systemd-escape --path` says of each.
  expect(out.trim().split("\n")).toEqual([
    "home-ubuntu-data",
    "home-a\\x2db-data",
    "lustre",
    "home-\\xc3\\xbc.x-data",
    "a-.b-c_d:e",
  ]);
});
