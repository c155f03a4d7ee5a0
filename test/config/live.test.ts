import { expect, test } from "vitest";
import { deployedFields, liveChanges } from "../../src/config/live.ts";
import { allFields } from "../../src/config/tree.ts";
import { sshKeys } from "./ssh-keys.ts";
import { load, smallest } from "./world.ts";

const base = `${smallest}[volumes]\ncreate = true\n[ssh_keys]\npublic_keys = ["${sshKeys.ed25519}"]\n`;
const configOf = async (toml: string) => (await load({ toml, needs: ["bundle"] })).config;

test("a config is no change to itself, also after a way through JSON", async () => {
  const config = await configOf(base);

  expect(liveChanges(JSON.parse(JSON.stringify(deployedFields(config))), config)).toEqual([]);
});

test("what is recorded holds no secret, and only fields whose change matters", async () => {
  const secrets =
    '[ceph_s3]\naccess_key = "hunter2a"\nsecret_key = "hunter2b"\n[s3]\nendpoint = "h"\naccess_key = "hunter2c"\nsecret_key = "hunter2d"\n';
  const recorded = deployedFields(await configOf(base + secrets));
  const matters = allFields().filter(({ about }) => about.live !== "nothing");

  expect(Object.keys(recorded).sort()).toEqual(matters.map(({ path }) => path.join(".")).sort());
  expect(JSON.stringify(recorded)).not.toContain("hunter2");
});

test.for([
  { was: "", now: "num_workers = 5", changes: ["cluster.num_workers 2>5 workers"] },
  { was: "num_workers = 5", now: "num_workers = 1", changes: ["cluster.num_workers 5>1 workers"] },
  { was: "", now: 'network_name = "other"', changes: ['cluster.network_name "cloudforms_network">"other" refused'] },
  { was: "", now: 'worker_flavour = "m9"', changes: ['cluster.worker_flavour "m1">"m9" refused'] },
  {
    was: "",
    now: 'bundle = "hail-0.2.136-gnomad-3.0.4-r1"',
    changes: ['cluster.bundle "hail-0.2.137-gnomad-3.0.4-r2">"hail-0.2.136-gnomad-3.0.4-r1" refused'],
  },
  { was: "", now: 'bundle = "hail-0.2.137-gnomad-3.0.4-r2"', changes: [] },
  { was: "", now: 'ssh_username = "debian"', changes: ['cluster.ssh_username "ubuntu">"debian" refused'] },
  { was: "", now: 'monitoring = "none"', changes: ['cluster.monitoring "netdata">"none" refused'] },
  { was: "", now: 'spread = "off"', changes: ['cluster.spread "auto">"off" refused'] },
  { was: "", now: 'floating_ip = "192.0.2.1"', changes: ['cluster.floating_ip "">"192.0.2.1" refused'] },
  { was: "", now: 'floating_ip_pool = "public"', changes: [] },
  { was: "", now: 'lustre_mount_target = "a@tcp:/b"', changes: [] },
  {
    was: 'lustre_network = "l"',
    now: 'lustre_network = "l"\nlustre_mount_target = "a@tcp:/b"',
    changes: ['cluster.lustre_mount_target "10.1.0.1@tcp:/fsx">"a@tcp:/b" refused'],
  },
  { was: "", now: 'lustre_network = "l"', changes: ['cluster.lustre_network "">"l" refused'] },
])("from '$was' to '$now' in [cluster]: $changes", async ({ was, now, changes }) => {
  expect(await changed(`${smallest}${was}\n`, `${smallest}${now}\n`)).toEqual(changes);
});

test.for([
  { was: "create = true", now: "create = true\nsize_gb = 200", changes: ["volumes.size_gb 100>200 in place"] },
  { was: "create = true", now: "create = true\nsize_gb = 99", changes: ["volumes.size_gb 100>99 refused"] },
  { was: "create = true", now: 'create = true\nname = "data"', changes: ['volumes.name "">"data" in place'] },
  { was: "create = true", now: "create = true\npreserve_on_destroy = true", changes: [] },
  { was: "create = true", now: "size_gb = 50", changes: ["volumes.create true>false refused"] },
  { was: "", now: "size_gb = 50", changes: [] },
  {
    was: "",
    now: 'existing_volume_id = "1f6c0e5e-9a43-4c1e-8b0a-2f6d1c7e9b11"',
    changes: ['volumes.existing_volume_id "">"1f6c0e5e-9a43-4c1e-8b0a-2f6d1c7e9b11" refused'],
  },
])("from '$was' to '$now' in [volumes]: $changes", async ({ was, now, changes }) => {
  expect(await changed(`${smallest}[volumes]\n${was}\n`, `${smallest}[volumes]\n${now}\n`)).toEqual(changes);
});

test.for([
  {
    now: '[security_groups]\nallowed_cidrs = ["10.0.0.0/8"]\n',
    changes: ['security_groups.allowed_cidrs ["0.0.0.0/0"]>["10.0.0.0/8"] in place'],
  },
  {
    now: "[security_groups.worker]\nhdfs = true\n",
    changes: [
      "security_groups.worker.ssh false>true in place",
      "security_groups.worker.spark_worker true>false in place",
      "security_groups.worker.all_tcp_internal true>false in place",
    ],
  },
  {
    now: `[ssh_keys]\npublic_keys = ["${sshKeys.ecdsa256}"]\n`,
    changes: [`ssh_keys.public_keys []>["${sshKeys.ecdsa256}"] refused`],
  },
  { now: '[dns]\nsearch_domains = "a.b"\n', changes: ['dns.search_domains "">"a.b" refused'] },
  { now: '[extras]\nsystem_packages = ["mc"]\n', changes: [] },
  { now: '[packer]\nbase_image = "x"\n', changes: [] },
])("adding '$now': $changes", async ({ now, changes }) => {
  expect(await changed(smallest, smallest + now)).toEqual(changes);
});

test("a field that an older state does not know, or knows as something odd, counts as unchanged", async () => {
  const config = await configOf(smallest);
  const { "cluster.spread": _, ...older } = deployedFields(config);

  expect(liveChanges({ ...older, "cluster.monitoring": { odd: true }, "no.field": 1 }, config)).toEqual([]);
  expect(liveChanges({}, config)).toEqual([]);
});

async function changed(was: string, now: string): Promise<string[]> {
  const changes = liveChanges(deployedFields(await configOf(was)), await configOf(now));
  for (const { why } of changes) expect(why).toMatch(/^[a-z].*[^.]$/);
  return changes.map(
    (change) => `${change.field} ${JSON.stringify(change.was)}>${JSON.stringify(change.wanted)} ${change.effect}`,
  );
}
