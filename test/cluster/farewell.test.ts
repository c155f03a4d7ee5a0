import { describe, expect, test } from "vitest";
import { planFarewell, type Farewell } from "../../src/cluster/farewell.ts";
import { factsAfter, planOf, portOf, stateOf, type Fields } from "../support/plans.ts";
import type { CloudFacts } from "../../src/cluster/facts.ts";

const base: Fields = { "cluster.num_workers": 1 };
const volumeId = "1f6c0e5e-9a43-4c1e-8b0a-2f6d1c7e9b11";
const names = (rows: readonly { kind: string; name: string }[]) => rows.map(({ kind, name }) => `${kind} ${name}`);
function farewellOf(fields: Fields, preserve: boolean, change: (facts: CloudFacts) => void = () => {}): Farewell {
  const plan = planOf({ ...base, ...fields }, true);
  const facts = factsAfter(plan);
  change(facts);
  return planFarewell(stateOf(plan), facts, [], preserve);
}

test("everything the cluster made goes, without a line for rules and links", () => {
  const farewell = farewellOf({}, false);
  expect(names(farewell.deleted)).toEqual([
    "keypair c1-keypair",
    "security group c1-master-sg",
    "security group c1-worker-sg",
    "server group c1-workers",
    "port c1-master-port",
    "port c1-worker-port-01",
    "server c1-master",
    "server c1-worker-01",
    "floating IP c1-fip",
  ]);
  expect(farewell).toMatchObject({ kept: [], detached: [], gone: [] });
  expect(farewell).not.toHaveProperty("release");
});

describe("a volume made for the cluster", () => {
  const made: Fields = { "volumes.create": true, "volumes.name": "data" };

  test("goes when the config does not preserve it", () => {
    const { deleted, kept, release } = farewellOf(made, false);
    expect(names(deleted)).toContain("volume c1-vol");
    expect([kept, release]).toEqual([[], undefined]);
  });

  test("stays when the config preserves it now, whatever it said before, and comes off cleanly", () => {
    const { deleted, kept, release } = farewellOf({ ...made, "volumes.preserve_on_destroy": false }, true);
    expect(names(deleted)).not.toContain("volume c1-vol");
    expect(kept).toEqual([
      { kind: "volume", name: "data", id: "c1-vol-id", why: "volumes.preserve_on_destroy", foreign: false },
    ]);
    expect(release).toEqual({ volumeId: "c1-vol-id", serverId: "c1-master-id" });
  });

  test("that is gone is neither kept nor deleted", () => {
    const { deleted, kept, gone, release } = farewellOf(made, true, (facts) => (facts.volumes = []));
    expect(names(deleted)).not.toContain("volume c1-vol");
    expect([kept, names(gone), release]).toEqual([[], ["volume c1-vol"], undefined]);
  });
});

test("a volume that was there before is let go of cleanly, never deleted", () => {
  const { deleted, detached, release } = farewellOf({ "volumes.existing_volume_id": volumeId }, false);
  expect(names(deleted).filter((name) => name.startsWith("volume"))).toEqual([]);
  expect(detached).toEqual([{ kind: "volume", name: volumeId, id: volumeId }]);
  expect(release).toEqual({ volumeId, serverId: "c1-master-id" });
});

test("a floating IP that was there before is let go of", () => {
  const { deleted, detached, kept } = farewellOf({ "cluster.floating_ip": "192.0.2.10" }, false);
  expect(names(deleted).filter((name) => name.startsWith("floating"))).toEqual([]);
  expect(names(detached)).toEqual(["floating IP 192.0.2.10"]);
  expect(kept).toEqual([]);
});

test("what was deleted behind our back is told as gone", () => {
  const { deleted, gone } = farewellOf({}, false, (facts) => {
    facts.servers = facts.servers.filter(({ name }) => name !== "c1-worker-01");
    facts.keypairs = [];
  });
  expect(gone).toEqual([
    { kind: "keypair", name: "c1-keypair", id: "c1-keypair" },
    { kind: "server", name: "c1-worker-01", id: "c1-worker-01-id" },
  ]);
  expect(names(deleted)).not.toContain("server c1-worker-01");
});

test("what users put on it by hand is named and kept", () => {
  const { kept, deleted } = farewellOf({ "volumes.create": true }, false, (facts) => {
    facts.servers[1]?.volumeIds.push("users-volume");
    facts.floatingIps.push({
      id: "f9",
      address: "192.0.2.99",
      portId: "c1-worker-port-01-id",
      poolId: "p",
      projectId: "p1",
      description: "",
    });
    const elsewhere = { poolId: "p", projectId: "p1", description: "" };
    facts.floatingIps.push({ id: "f8", address: "192.0.2.98", portId: null, ...elsewhere });
    facts.floatingIps.push({ id: "f7", address: "192.0.2.97", portId: "a-port-of-others", ...elsewhere });
    facts.ports.push(portOf({ id: "p9", name: "users-port", description: "", securityGroupIds: ["c1-worker-sg-id"] }));
    facts.ports.push(portOf({ id: "p8", name: "", description: "", securityGroupIds: ["c1-worker-sg-id", "default"] }));
    facts.ports.push(portOf({ id: "p7", name: "elsewhere", description: "", securityGroupIds: ["default"] }));
  });
  const group = "uses a security group of the cluster, which cannot go while it does";
  expect(kept).toEqual([
    {
      kind: "volume",
      name: "users-volume",
      id: "users-volume",
      why: "attached by hand to c1-worker-01",
      foreign: true,
    },
    { kind: "floating IP", name: "192.0.2.99", id: "f9", why: "associated by hand", foreign: true },
    { kind: "port", name: "users-port", id: "p9", why: group, foreign: true },
    { kind: "port", name: "p8", id: "p8", why: group, foreign: true },
  ]);
  expect(names(deleted)).toContain("volume c1-vol");
});

test("what a killed run left goes too, and is nobody else's", () => {
  const plan = planOf(base);
  const orphan = { kind: "port", id: "p", name: "c1-worker-port-02" } as const;
  const facts = factsAfter(plan);
  facts.ports.push(portOf({ ...orphan, description: "", securityGroupIds: ["c1-worker-sg-id"] }));
  const { deleted, kept } = planFarewell(stateOf(plan), facts, [orphan], false);
  expect(deleted).toContainEqual(orphan);
  expect(kept).toEqual([]);
});
