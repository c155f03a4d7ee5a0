import { expect, test } from "vitest";
import { findBuildLeftovers, type BuildFacts } from "../../src/cluster/build-leftovers.ts";
import { buildName, type Build } from "../../src/cluster/builds.ts";
import { imageOf, portOf, publicKey, serverOf, volumeOf } from "../support/plans.ts";

const [dead, alive, unknown] = ["d".repeat(16), "a".repeat(16), "f".repeat(16)] as const;
const recordOf = (build: string): Build => ({
  build,
  bundle: "b1",
  project_id: "p1",
  host: "h",
  pid: 1,
  user: "ann",
  started_at: "",
  beat_at: "",
  renewed: new Date(0),
});
const isDead = ({ build }: Build) => build === dead;

/** One thing of each kind that bears `name`. */
const factsNamed = (name: string): BuildFacts => ({
  project_id: "p1",
  servers: [serverOf({ id: "s", name })],
  floatingIps: [{ id: "f", address: "192.0.2.1", portId: null, poolId: "n", projectId: "p1", description: name }],
  ports: [portOf({ id: "q", name })],
  volumes: [volumeOf({ id: "v", name })],
  securityGroups: [{ id: "g", name, description: "", rules: [] }],
  keypairs: [{ name, publicKey, fingerprint: "" }],
  images: [imageOf({ id: "i", name })],
});
const shown = (things: { kind: string; id: string }[]) => things.map(({ kind, id }) => `${kind} ${id}`);
const builds = [recordOf(dead), recordOf(alive)];

test("what a dead build left is found, in an order in which it can go", () => {
  const { leftovers, running, unrecorded } = findBuildLeftovers(factsNamed(buildName(dead)), builds, isDead);
  expect(shown(leftovers)).toEqual([
    "floating IP f",
    "server s",
    "port q",
    "volume v",
    "security group g",
    `keypair ${buildName(dead)}`,
    "image i",
  ]);
  expect(leftovers.every(({ build }) => build === dead)).toBe(true);
  expect([running, unrecorded]).toEqual([[], []]);
});

test("what a running build made is left alone", () => {
  const { leftovers, running, unrecorded } = findBuildLeftovers(factsNamed(buildName(alive)), builds, isDead);
  expect([leftovers, running.length, unrecorded]).toEqual([[], 7, []]);
});

test("what no record tells of may be another bucket's build", () => {
  const { leftovers, running, unrecorded } = findBuildLeftovers(factsNamed(buildName(unknown)), builds, isDead);
  expect([leftovers, running, unrecorded.length]).toEqual([[], [], 7]);
});

test.for(["hailstack-build-x", "c1-master", "", `${buildName(dead)}-2`])("'%s' is no build's", (name) => {
  expect(findBuildLeftovers(factsNamed(name), builds, isDead)).toEqual({ leftovers: [], running: [], unrecorded: [] });
});

test("a floating IP that an administrator sees in another project is not touched", () => {
  const facts = factsNamed(buildName(dead));
  for (const ip of facts.floatingIps) ip.projectId = "p2";
  expect(shown(findBuildLeftovers(facts, builds, isDead).leftovers)).not.toContain("floating IP f");
});
