import { expect, test } from "vitest";
import type { CloudFacts } from "../../src/cluster/facts.ts";
import { findOrphans, looseAttachments, sweep } from "../../src/cluster/orphans.ts";
import type { ClusterState } from "../../src/cluster/state.ts";
import type { Cloud } from "../../src/world.ts";
import {
  clusterId,
  factsAfter,
  factsOf,
  planOf,
  portOf,
  publicKey,
  serverOf,
  stateOf,
  volumeOf,
  type Fields,
} from "../support/plans.ts";

const volume: Fields = { "volumes.create": true };
const mark = `hailstack:${clusterId}`;
const other = "hailstack:ffffffffffffffff";
const orphansOf = (facts: CloudFacts, state?: ClusterState) =>
  findOrphans("c1", clusterId, facts, state).map(({ kind, id }) => `${kind} ${id}`);

test("what the state records is nobody's orphan", () => {
  const plan = planOf(volume, true);
  expect(orphansOf(factsAfter(plan), stateOf(plan))).toEqual([]);
});

test("what bears the mark and is in no state is found, in an order in which it can go", () => {
  const plan = planOf({}, true);
  expect(orphansOf(factsAfter(plan))).toEqual([
    "floating IP c1-fip-id",
    "server c1-master-id",
    "server c1-worker-01-id",
    "server c1-worker-02-id",
    "port c1-master-port-id",
    "port c1-worker-port-01-id",
    "port c1-worker-port-02-id",
    "security group c1-master-sg-id",
    "security group c1-worker-sg-id",
    "server group c1-workers-id",
  ]);
});

test("a rule that is in no state is found in a group that is in one", () => {
  const plan = planOf();
  const state = stateOf(plan);
  const resources = state.resources.filter(({ name }) => name !== "c1-master-sg-ssh");
  expect(orphansOf(factsAfter(plan), { ...state, resources })).toEqual(["security group rule c1-master-sg-ssh-id"]);
});

test("a rule that somebody added to our group by hand is not ours", () => {
  const plan = planOf();
  const facts = factsAfter(plan);
  for (const group of facts.securityGroups) group.rules.push({ id: "by-hand", description: "" });
  expect(orphansOf(facts, stateOf(plan))).toEqual([]);
});

test("nothing is ours by its name", () => {
  const facts = factsOf({
    servers: [
      serverOf({ name: "c1-master", metadata: {} }),
      serverOf({ name: "c1-worker-01", metadata: { cluster_name: "c1" } }),
    ],
    ports: [
      portOf({ name: "c1-master-port", description: "" }),
      portOf({ name: "c1-worker-port-01", description: other }),
    ],
    securityGroups: [
      { id: "g", name: "c1-master-sg", description: `Master security group for c1 (${other})`, rules: [] },
    ],
    serverGroups: [{ id: "sg", name: "c1-workers-ffffffffffffffff" }],
    floatingIps: [{ id: "f", address: "192.0.2.1", portId: null, poolId: "p", projectId: "p1", description: other }],
    volumes: [volumeOf({ name: "c1-vol", metadata: { cluster_name: "c1" } })],
    keypairs: [{ name: "c1-keypair", publicKey, fingerprint: "f" }],
  });
  expect(orphansOf(facts)).toEqual([]);
});

test("a mark within other words is not the mark", () => {
  const facts = factsOf({
    ports: [portOf({ description: `${mark}0` }), portOf({ description: `was ${mark}` })],
    securityGroups: [{ id: "g", name: "g", description: `${mark} copied`, rules: [] }],
  });
  expect(orphansOf(facts)).toEqual([]);
});

const pendingOf = (name: string, kind: string): ClusterState => ({
  resources: [],
  pending: [{ operation: "creating", name, kind }],
});
const aVolume = volumeOf({ id: "v1", metadata: { hailstack_cluster_id: clusterId } });

test("a volume with our mark may hold data, unless its making was cut short", () => {
  const facts = factsOf({ volumes: [aVolume] });
  expect(orphansOf(facts)).toEqual([]);
  expect(orphansOf(facts, pendingOf("c1-vol", "Volume"))).toEqual(["volume v1"]);
});

test("a keypair is ours when the state had begun to make it", () => {
  const facts = factsOf({ keypairs: [{ name: "c1-keypair", publicKey, fingerprint: "f" }] });
  expect(orphansOf(facts, pendingOf("c1-keypair", "Keypair"))).toEqual(["keypair c1-keypair"]);
  expect(orphansOf(facts, pendingOf("c1-vol", "Volume"))).toEqual([]);
});

test("a run that still runs knows what it made itself: what was not there before it, with its key", () => {
  const facts = factsOf({ volumes: [aVolume], keypairs: [{ name: "c1-keypair", publicKey, fingerprint: "f" }] });
  const find = (before: Partial<CloudFacts>, key = publicKey) =>
    findOrphans("c1", clusterId, facts, undefined, { before: factsOf(before), publicKey: key }).map(({ id }) => id);
  expect(find({})).toEqual(["v1", "c1-keypair"]);
  expect(find({ volumes: [aVolume], keypairs: facts.keypairs })).toEqual([]);
  expect(find({ volumes: [aVolume] }, "ssh-ed25519 another")).toEqual([]);
});

test("a thing without a name is called by its id, an address by itself", () => {
  const facts = factsOf({
    ports: [portOf({ id: "p1", name: "" })],
    floatingIps: [{ id: "f1", address: "192.0.2.9", portId: null, poolId: "p", projectId: "p1", description: mark }],
  });
  expect(findOrphans("c1", clusterId, facts, undefined).map(({ name }) => name)).toEqual(["192.0.2.9", "p1"]);
});

test("an attachment whose making was cut short is found on the recorded master, and only then", () => {
  const plan = planOf(volume);
  const state = stateOf(plan);
  const cut: ClusterState = {
    ...state,
    resources: state.resources.filter(({ kind }) => kind !== "VolumeAttach"),
    pending: [{ operation: "creating", name: "c1-vol-attach", kind: "VolumeAttach" }],
  };
  expect(looseAttachments(factsAfter(plan), cut)).toEqual([{ serverId: "c1-master-id", volumeId: "c1-vol-id" }]);
  expect(looseAttachments(factsAfter(plan), state)).toEqual([]);
  expect(looseAttachments(factsAfter(plan), { ...cut, pending: [] })).toEqual([]);
  expect(looseAttachments(factsAfter(plan), undefined)).toEqual([]);
});

test("one kind goes after another, all of a kind at once", async () => {
  const log: string[] = [];
  const cloud = {
    async delete(kind: string, id: string) {
      log.push(`begin ${kind} ${id}`);
      await new Promise((resolve) => setImmediate(resolve));
      log.push(`end ${kind} ${id}`);
    },
  };
  const told: string[] = [];
  const orphans = [
    { kind: "server", id: "1", name: "a" },
    { kind: "server", id: "2", name: "b" },
    { kind: "port", id: "3", name: "c" },
  ] as const;
  // Only this method is reached.
  await sweep(cloud as unknown as Cloud, orphans, ({ name }) => told.push(name));
  expect(log).toEqual([
    "begin server 1",
    "begin server 2",
    "end server 1",
    "end server 2",
    "begin port 3",
    "end port 3",
  ]);
  expect(told).toEqual(["a", "b", "c"]);
});

test("a run knows the volume and the keypair it has just made, and no older or other one", () => {
  const made = { volumes: [aVolume], keypairs: [{ name: "c1-keypair", publicKey, fingerprint: "f" }] };
  const found = (before: Pick<CloudFacts, "volumes" | "keypairs">, key: string) =>
    findOrphans("c1", clusterId, factsOf(made), undefined, { before, publicKey: key }).map(({ kind }) => kind);
  const nothing = { volumes: [], keypairs: [] };
  expect(found(nothing, publicKey)).toEqual(["volume", "keypair"]);
  expect(found(made, publicKey)).toEqual([]);
  expect(found(nothing, "ssh-ed25519 another")).toEqual(["volume"]);
});
