/** The units of an image: the contract's services, each as systemd should run it. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { canOverlay, inOverlay, kit, layFiles, tellSkipped, temporaryFolder } from "./rig.ts";

const folder = join(kit, "files/services/etc/systemd/system");
const unitNames = readdirSync(folder).filter((name) => !name.endsWith(".d"));
const services = unitNames.filter((name) => name.endsWith(".service"));

/** The contract's names, by the target of the role that runs them. */
const contract = {
  "hailstack-master.target": [
    "hdfs-namenode",
    "jupyter-lab",
    "mapred-history",
    "spark-history-server",
    "spark-master",
    "yarn-rm",
  ],
  "hailstack-worker.target": ["hdfs-datanode", "spark-worker", "yarn-nm"],
};
/** Made ready once, and no daemon. */
const oneshots = ["hailstack-hdfs-layout", "hailstack-ready"];
/** A boot's own, which no role wants. */
const ofBoot = ["hailstack-boot", "hailstack-first-boot"];
/** They read a file with a secret, which comes when the node is up. */
const waiting = new Set(["spark-history-server", "spark-master", "spark-worker"]);
/** They start what users write, which needs their homes and sudo. */
const ofUsers = new Set(["jupyter-lab", "spark-worker"]);
const users: Record<string, string> = { hdfs: "hdfs", yarn: "yarn", mapred: "mapred", spark: "spark" };

/** Values by `Section.Key`, in order. */
function readUnit(name: string): Record<string, string[]> {
  const values: Record<string, string[]> = {};
  let section = "";
  for (const line of readFileSync(join(folder, name), "utf8").split("\n")) {
    const [, key = "", value = ""] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (line.startsWith("[")) section = line.slice(1, -1);
    else if (key !== "") (values[`${section}.${key}`] ??= []).push(value);
  }
  return values;
}

test("the services are those of the contract, each wanted by its role's target", () => {
  const wanted = Object.fromEntries(
    Object.keys(contract).map((target) => [
      target,
      services
        .filter((name) => readUnit(name)["Install.WantedBy"]?.join() === target)
        .map((name) => name.replace(".service", ""))
        .filter((name) => !oneshots.includes(name)),
    ]),
  );
  expect(wanted).toEqual(contract);
  expect(unitNames.filter((name) => name.endsWith(".target")).toSorted()).toEqual(Object.keys(contract));
  expect(services).toHaveLength(Object.values(contract).flat().length + oneshots.length + ofBoot.length);
});

describe.for(Object.values(contract).flat())("%s", (name) => {
  const unit = readUnit(`${name}.service`);

  test("runs in the foreground as a user of its own, and never gives up", () => {
    expect(unit["Service.Type"]).toEqual(["exec"]);
    const [, own = ""] = /^(hdfs|yarn|mapred|spark)/.exec(name) ?? [];
    expect(unit["Service.User"]).toEqual([ofUsers.has(name) ? "@LOGIN_USER@" : users[own]]);
    expect(unit["Service.Restart"]).toEqual(["always"]);
    expect(unit["Unit.StartLimitIntervalSec"]).toEqual(["0"]);
    expect(Number(unit["Service.RestartSec"])).toBeGreaterThan(0);
    // Java ends with it when it is told to stop.
    expect(unit["Service.SuccessExitStatus"]).toEqual(["143"]);
  });

  test("waits for its secret where it reads one, and does not fail without", () => {
    const file = waiting.has(name) ? ["/etc/spark/conf/spark-defaults.conf"] : undefined;
    expect(unit["Unit.ConditionPathExists"]).toEqual(file);
  });

  test("reads the cluster's one environment, and its node's where there is one", () => {
    expect(unit["Service.EnvironmentFile"]).toEqual(["/etc/hailstack/cluster.env", "-/etc/hailstack/node.env"]);
    expect(unit["Service.RuntimeDirectory"]).toEqual([name]);
  });

  test("may do no more than it must", () => {
    const hardening = {
      NoNewPrivileges: "yes",
      ProtectSystem: "full",
      ProtectHome: "yes",
      ProtectKernelTunables: "yes",
      ProtectKernelModules: "yes",
      ProtectControlGroups: "yes",
      RestrictSUIDSGID: "yes",
    };
    // A NodeManager's containers are jobs of users, whose homes they may read.
    if (name === "yarn-nm") Reflect.deleteProperty(hardening, "ProtectHome");
    const found = Object.keys(hardening).map((key) => [key, unit[`Service.${key}`]?.join()]);
    const wanted = ofUsers.has(name)
      ? Object.keys(hardening).map((key) => [key, undefined])
      : Object.entries(hardening);
    expect(found).toEqual(wanted);
  });
});

test("what a first boot begun anew must come before, and when", () => {
  const unit = readUnit("hailstack-first-boot.service");
  expect(unit["Unit.Before"]?.join()).toContain("cloud-init-local.service");
  expect(unit["Unit.ConditionPathExists"]).toEqual(["!/var/lib/hailstack/booted", "!/var/lib/hailstack/applied"]);
});

test("no boot waits for a role's target, nor that for what it wants", () => {
  for (const target of Object.keys(contract)) expect(readUnit(target)["Unit.DefaultDependencies"]).toEqual(["no"]);
});

test("what the units call is in the image: ours lie in files/, the others in Hadoop, Spark and the base environment", () => {
  const called = services.flatMap((name) => {
    const unit = readUnit(name);
    return ["ExecStartPre", "ExecStart", "ExecStartPost"].flatMap((key) => unit[`Service.${key}`] ?? []);
  });
  const programs = [...new Set(called.map((line) => line.split(" ")[0] ?? ""))];
  const ours = programs.filter((path) => path.startsWith("/usr/libexec/hailstack/"));
  expect(ours.filter((path) => !existsSync(join(kit, "files/services", path)))).toEqual([]);
  expect(
    programs.filter((path) => !ours.includes(path) && !/^\/opt\/(hadoop|spark|hailstack\/base-venv)\/bin\//.test(path)),
  ).toEqual([]);
});

tellSkipped("units.test.ts");
const canVerify = canOverlay && existsSync("/usr/bin/systemd-analyze");

test.skipIf(!canVerify)("systemd has nothing to say about any of them", async () => {
  const names = [...unitNames, "hailstack-metadata.service", "hailstack-volume.service"];
  const programs = ["hadoop/bin/hdfs", "hadoop/bin/yarn", "hadoop/bin/mapred", "spark/bin/spark-class"];
  const opt = Object.fromEntries(
    [...programs, "hailstack/base-venv/bin/jupyter-lab"].map((path) => [path, "#!/bin/sh\n"]),
  );
  const laid = layFiles(temporaryFolder(), opt, 0o755);
  const nft = layFiles(temporaryFolder(), { nft: "#!/bin/sh\n" }, 0o755);
  // As services.sh does; the name of a user that every machine has.
  const script = `sed -i s/@LOGIN_USER@/root/ /etc/systemd/system/*.service
    for unit in ${names.join(" ")}; do systemd-analyze verify --man=no /etc/systemd/system/$unit 2>&1 | grep -F "/$unit:"; done; true`;
  const verified = await inOverlay(["bash", "-c", script], {
    put: {
      "/": join(kit, "files/services"),
      "/.": join(kit, "files/base"),
      "/./": join(kit, "files/storage"),
      "/opt": laid,
      "/usr/sbin": nft,
    },
  });
  expect([verified.code, verified.out]).toEqual([0, ""]);
});

test.skipIf(!canVerify)("and would have, of a unit that is wrong", async () => {
  const wrong = layFiles(temporaryFolder(), {
    "w.service": "[Service]\nType=exec\nExecStart=/bin/true\nProtectHom=yes\n",
  });
  const script = "systemd-analyze verify --man=no /etc/systemd/system/w.service 2>&1";
  const { out } = await inOverlay(["bash", "-c", script], { put: { "/etc/systemd/system": wrong } });
  expect(out).toMatch(/\/w\.service:4: Unknown key.*ProtectHom/);
});
