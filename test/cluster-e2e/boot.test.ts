/** Servers that `create` makes boot, let their users in and know each other, and are gone after `destroy`. */
import { describe, expect, test } from "vitest";
import type { Nodes } from "../support/ssh.ts";
import { logIn } from "../support/cloud/test-client.ts";
import { named } from "../engine/commands/watched.ts";
import { noNodes, openRealRig } from "./real-cluster.ts";

const names = ["master", "worker-01", "worker-02"];

const rig = openRealRig();

describe.skipIf(noNodes)("a cluster of one master and two workers", () => {
  let nodes: Nodes;
  const onEach = (command: string) => Promise.all(names.map((name) => nodes.run(name, command)));

  test("is created, and its servers are ACTIVE because their machines run", async () => {
    const run = await rig().hailstack("create");

    expect([run.code, run.stderr]).toEqual([0, expect.any(String)]);
    expect([...rig().cloud.state.servers.values()].map(({ vmState }) => vmState)).toEqual(names.map(() => "active"));
    expect(rig().cloud.surprises).toEqual([]);
  });

  test("lets its users in by the floating IP, with the host keys that the consoles show", async () => {
    nodes = await rig().nodes();

    expect(await onEach("whoami; sudo whoami")).toEqual(names.map(() => "ubuntu\nroot"));
  });

  test("has ended its first boot well everywhere", async () => {
    const told = await onEach("cloud-init status --wait --long; systemctl is-system-running --wait; true");

    for (const text of told) {
      expect(text).toMatch(/^status: done$/m);
      expect(text).toMatch(/^running$/m);
    }
  });

  test("has nodes that are called as the config says, and find each other by name", async () => {
    const hostnames = names.map((name) => `c1-${name}`);
    const addresses = hostnames.map((host) => rig().bed.address(host));
    const look = hostnames.map(
      (host) => `getent ahostsv4 ${host} | head -n 1; timeout 10 bash -c '</dev/tcp/${host}/22'`,
    );
    const told = await onEach(["set -e", "hostname", ...look].join("\n"));

    for (const [index, text] of told.entries()) {
      const [hostname, ...found] = text.split("\n");
      expect(hostname).toBe(hostnames[index]);
      expect(found.map((line) => line.split(" ")[0])).toEqual(addresses);
    }
  });

  test("comes back after a power cut, a reboot from inside and one by the cloud", async () => {
    const boots = () => onEach("cat /proc/sys/kernel/random/boot_id");
    const before = await boots();
    const cloud = await logIn(rig().cloud);
    const id = named(rig().cloud.state.servers)["c1-worker-02"]?.id;
    await nodes.run("worker-01", "sudo systemd-run -q --on-active=0.2 systemctl reboot");
    const asked = await cloud.send("compute", "POST", `/v2.1/servers/${id}/action`, { reboot: { type: "SOFT" } });
    await rig().bed.nodes("reset", "c1-master");

    expect(asked.status).toBe(202);
    await expect
      .poll(async () => (await boots()).map((boot, index) => boot !== before[index]), { timeout: 120_000 })
      .toEqual([true, true, true]);
    expect(await onEach("systemctl is-system-running --wait")).toEqual(names.map(() => "running"));
    expect(await onEach("cat /etc/hostname")).toEqual(names.map((name) => `c1-${name}`));
  });

  test("is destroyed, and leaves no node, no network and no mount", async () => {
    const run = await rig().hailstack("destroy", "--yes", "c1");

    expect([run.code, run.stderr]).toEqual([0, expect.any(String)]);
    expect(rig().bed.left()).toEqual([]);
  });
});
