/**
 * Workers come to a cluster that works, and go again: what runs goes on, and what they held in HDFS stays. The
 * operator's own certificate comes and goes along.
 */
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { connect } from "node:tls";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { makePair } from "../support/certificates.ts";
import type { Nodes } from "../support/ssh.ts";
import { named } from "../engine/commands/watched.ts";
import { noNodes, openRealRig } from "./real-cluster.ts";

const rig = openRealRig({ boots: true, fields: { "cluster.num_workers": 1 } });
const limit = 1_200_000;

/** Runs a job whenever /tmp/go-N comes, and says in /tmp/done-N which application it is and where its tasks ran. */
const application = `
import json, os, socket, time
from pyspark import SparkContext
sc = SparkContext()
def where(part):
    time.sleep(2)
    return [socket.gethostname()]
for number in range(1, 100):
    while not os.path.exists(f"/tmp/go-{number}"):
        time.sleep(0.2)
    hosts = sorted(set(sc.parallelize(range(4), 4).mapPartitions(where).collect()))
    with open("/tmp/done", "w") as file:
        json.dump({"id": sc.applicationId, "hosts": hosts}, file)
    os.rename("/tmp/done", f"/tmp/done-{number}")
`;
const units = {
  master: "hdfs-namenode yarn-rm mapred-history spark-master spark-history-server jupyter-lab nginx",
  "worker-01": "hdfs-datanode yarn-nm spark-worker",
};

describe.skipIf(noNodes)("a cluster that gets a worker more, and one less", () => {
  let nodes: Nodes;
  let running: Record<string, string>;
  let first: { id: string; hosts: string[] };
  const file = "/user/ubuntu/precious";
  let sum: string;

  const shell = (node: string, command: string) => nodes.run(node, `bash -lc '${command}'`);
  async function job(number: number): Promise<typeof first> {
    await shell("master", `touch /tmp/go-${number}`);
    return JSON.parse(
      await shell("master", `until test -e /tmp/done-${number}; do sleep 0.5; done; cat /tmp/done-${number}`),
    );
  }
  /** Process and start of every unit of the nodes that stay. */
  async function daemons(): Promise<Record<string, string>> {
    const shown = Object.entries(units).map(async ([node, names]) => {
      const told = await nodes.run(node, `systemctl show -p Id,MainPID,NRestarts,ActiveEnterTimestamp ${names}`);
      return [node, told] as const;
    });
    return Object.fromEntries(await Promise.all(shown));
  }
  const own = makePair({ names: "DNS:hail.example.org" });
  const fingerprint = new X509Certificate(own.certificate).fingerprint256;
  /** SHA-256 of the certificate that the web front shows. */
  async function shown(): Promise<string | undefined> {
    const { master } = JSON.parse((await rig().hailstack("status", "--json")).stdout);
    const socket = connect({ host: master.ip, port: 443, rejectUnauthorized: false });
    await once(socket, "secureConnect");
    const certificate = socket.getPeerX509Certificate();
    socket.destroy();
    return certificate?.fingerprint256;
  }
  /** Lines of its key in what is stored, or in what a server was made with. */
  async function keyLeft(): Promise<string[]> {
    const secret = own.key.split("\n").slice(1, -2);
    const stored = Object.values(await rig().objects.texts());
    const userData = [...rig().cloud.state.servers.values()].map(({ userData: packed }) =>
      gunzipSync(Buffer.from(packed ?? "", "base64")).toString(),
    );
    expect([stored.length > 0, userData.some((text) => text.includes("OWN_CERTIFICATE"))]).toEqual([true, true]);
    return [...stored, ...userData].flatMap((text) => secret.filter((line) => text.includes(line)));
  }
  const create = (...more: string[]) => rig().hailstack("create", "--ssh-key", rig().sshKey, ...more);

  test(
    "is ready with one worker, and an application runs on it",
    async () => {
      const run = await create();
      expect([run.code, run.stderr]).toEqual([0, expect.any(String)]);
      nodes = await rig().nodes();
      await nodes.run("master", `cat >/tmp/application.py <<'E'\n${application}\nE`);
      const settings = "--conf spark.dynamicAllocation.executorIdleTimeout=3s --name scale";
      await shell(
        "master",
        `nohup spark-submit ${settings} /tmp/application.py </dev/null >/tmp/application.log 2>&1 &`,
      );
      first = await job(1);
      running = await daemons();

      expect(first.hosts).toEqual(["c1-worker-01"]);
    },
    limit,
  );

  test(
    "takes one more, and a certificate, without a new start of anything, and the application uses it",
    async () => {
      const made = await shown();
      // Where the rig keeps its key for the nodes, beside nothing that is looked through for secrets.
      const [certificate, key] = ["web.pem", "web.key"].map((name) => join(dirname(rig().sshKey), name));
      writeFileSync(certificate ?? "", own.certificate);
      writeFileSync(key ?? "", own.key, { mode: 0o600 });
      rig().configure({ "cluster.num_workers": 2, "web.certificate_file": certificate, "web.key_file": key });
      const run = await create();
      expect([run.code, run.stderr]).toEqual([0, expect.any(String)]);
      expect(run.stdout).toContain(`SHA-256 ${fingerprint}, yours, for hail.example.org`);
      expect(await shown()).toBe(fingerprint);
      expect(made).not.toBe(fingerprint);
      expect(await keyLeft()).toEqual([]);
      nodes = await rig().nodes();

      expect(await daemons()).toEqual(running);
      expect(await job(2)).toEqual({ id: first.id, hosts: ["c1-worker-01", "c1-worker-02"] });
    },
    limit,
  );

  test("has a file of which the new worker alone has the blocks, and others that ask for two copies", async () => {
    const put = `head -c 5000000 /dev/urandom >/tmp/precious && hdfs dfs -D dfs.replication=1 -put /tmp/precious ${file}`;
    [sum = ""] = (await shell("worker-02", `${put} && sha256sum /tmp/precious`)).split(" ");
    await shell("master", `hdfs dfs -put /tmp/application.py /user/ubuntu/two && hdfs dfs -stat %r /user/ubuntu/two`);
    const located = await shell("master", `hdfs fsck ${file} -files -blocks -locations`);

    expect(located).toContain(rig().bed.address("c1-worker-02"));
    expect(located).not.toContain(rig().bed.address("c1-worker-01"));
  });

  test(
    "gives it back, and the certificate: blocks move first, and nothing is missing or started again",
    async () => {
      rig().configure({ "cluster.num_workers": 1 });
      const run = await create("--yes");
      process.stderr.write(run.stderr);
      expect([run.code, run.stderr]).toEqual([0, expect.stringContaining("draining")]);
      expect(Object.keys(named(rig().cloud.state.servers)).toSorted()).toEqual(["c1-master", "c1-worker-01"]);

      expect(run.stdout).toMatch(/certificate: +SHA-256 [0-9A-F:]{95}\n/);
      expect(run.stdout).toContain(String(await shown()));
      expect(await shown()).not.toBe(fingerprint);
      expect(await nodes.run("master", "sudo ls /etc/nginx/ssl")).not.toContain("own");
      expect((await shell("master", `hdfs dfs -cat ${file} | sha256sum`)).split(" ")[0]).toBe(sum);
      expect(await shell("master", "hdfs dfs -stat %r /user/ubuntu/two")).toBe("1");
      const health = await shell("master", "hdfs fsck /");
      expect(health).toMatch(/Status: HEALTHY/);
      expect(health).toMatch(/Missing blocks:\s+0\b/);
      expect(await daemons()).toEqual(running);
      expect(await job(3)).toEqual(first);
      for (const node of Object.keys(units)) expect(await nodes.run(node, "cat /etc/hosts")).not.toContain("worker-02");
      const pins = (await rig().objects.get("hailstack/c1/known_hosts")).split("\n").map((line) => line.split(" ")[0]);
      expect(new Set(pins.filter(Boolean))).toEqual(new Set(rig().cloud.state.servers.keys()));
    },
    limit,
  );
});
