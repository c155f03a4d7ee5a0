/** Commands that go to nodes, as processes: without a cluster, without a key, and through this machine's own ssh. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkpointKey } from "../../../src/cluster/store.ts";
import { checkpointOf } from "../../support/checkpoint.ts";
import { planOf, stateOf } from "../../support/plans.ts";
import { keyPair, startSshServer, user } from "../../support/ssh-server.ts";
import { openRig, slugs } from "./watched.ts";

const rig = await openRig();
const commands = [["ready"], ["logs"], ["diagnose"], ["ssh", "--print-config"], ["open"]];

describe("before there is a cluster", () => {
  test.for(commands)("%s ends with 3", async (command) => {
    const run = await rig.hailstack(...[command].flat());
    expect([run.code, slugs(run)]).toEqual([3, ["cluster-not-found"]]);
  });
});

describe("a cluster whose master is on loopback", () => {
  const [master, worker] = ["127.83.1.1", "127.83.1.2"];
  const key = keyPair();

  test("is shown, and reached with the pinned keys alone", { skip: process.getuid?.() !== 0 }, async () => {
    const plan = planOf({ "cluster.num_workers": 1 });
    const { outputs } = stateOf(plan);
    if (!outputs) throw new Error("no outputs");
    const project_id = [...rig.cloud.state.projects.values()].find(({ name }) => name === "demo")?.id ?? "";
    const made = { ...outputs, project_id, ssh_username: user, master_public_ip: master, worker_private_ips: [worker] };
    await rig.objects.put(checkpointKey("c1"), checkpointOf(plan, made));
    const admitted = [key.public];
    // The port is the nodes' own; to listen there is root's.
    const servers = await Promise.all(
      [master, worker].map((address) => startSshServer({ address, admitted, port: 22 })),
    );
    const [first, second] = servers;
    const pins = `c1-master-id ${first?.hostKeys[0]}\nc1-worker-01-id ${second?.hostKeys[0]}\n`;
    await rig.objects.put("hailstack/c1/known_hosts", pins);
    const file = join(rig.folder, "id");
    writeFileSync(file, key.private, { mode: 0o600 });

    try {
      const opened = await rig.hailstack("open", "spark");
      expect([opened.code, opened.stdout]).toEqual([0, `https://${master}/spark/\n`]);
      const printed = await rig.hailstack("ssh", "--print-config", "--ssh-key", file);
      expect(printed.stdout).toContain(`Host c1-worker-01\n  HostName ${worker}\n  HostKeyAlias c1-worker-01-id\n`);
      const onMaster = await rig.hailstack("ssh", "--ssh-key", file, "--", "echo here; exit 7");
      expect([onMaster.code, onMaster.stdout]).toEqual([7, "here\n"]);
      const onWorker = await rig.hailstack("ssh", "1", "--ssh-key", file, "--", "echo there; exit 9");
      expect([onWorker.code, onWorker.stdout]).toEqual([9, "there\n"]);

      await rig.objects.put(
        "hailstack/c1/known_hosts",
        pins.replaceAll(/AAAA\S+/g, keyPair().public.split(" ")[1] ?? ""),
      );
      const other = await rig.hailstack("ssh", "--ssh-key", file, "--", "true");
      expect(other.code).toBe(255);
      for (const command of ["ready", "logs", "diagnose"]) {
        const run = await rig.hailstack(command);
        expect([command, run.code, slugs(run)]).toEqual([command, 1, ["ssh-no-agent"]]);
      }
    } finally {
      await Promise.all(servers.map((server) => server.stop()));
    }
  });
});
