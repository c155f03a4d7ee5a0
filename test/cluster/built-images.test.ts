import { describe, expect, test } from "vitest";
import {
  bundleOf,
  imageRows,
  isBuilt,
  judgeSuperseded,
  supersededOf,
  usesOf,
  type ImageUses,
} from "../../src/cluster/built-images.ts";
import type { ClusterState } from "../../src/cluster/state.ts";
import type { ImageMember } from "../../src/world.ts";
import { imageOf, planOf, serverOf, stateOf } from "../support/plans.ts";

const built = { hailstack_kind: "image", hailstack_bundle: "b1" };
const superseded = { ...built, hailstack_superseded: "true" };

test.for([
  { name: "anything", properties: built, bundle: "b1" },
  { name: "hailstack-b2", properties: {}, bundle: "b2" },
  { name: "hailstack-build-0123456789abcdef", properties: {}, bundle: "" },
  { name: "hailstack-build-0123456789abcdef", properties: built, bundle: "b1" },
  { name: "debian-12", properties: {}, bundle: "" },
])("an image called $name with $properties holds bundle '$bundle'", ({ name, properties, bundle }) => {
  expect(bundleOf(imageOf({ name, properties }))).toBe(bundle);
});

const madeFrom = (imageId: string): ClusterState => {
  const state = stateOf(planOf());
  const resources = state.resources.map((one) => (one.kind === "Instance" ? { ...one, inputs: { imageId } } : one));
  return { ...state, resources };
};

test("a cluster uses the images that its servers were made from", () => {
  const uses = usesOf([
    ["c1", madeFrom("i1")],
    ["c2", madeFrom("i1")],
    ["c3", madeFrom("i2")],
    ["c4", { resources: [], pending: [] }],
  ]);
  expect(Object.fromEntries(uses)).toEqual({ i1: ["c1", "c2"], i2: ["c3"] });
});

test("rows come by bundle, the newest first, each image once, with what it says of itself", () => {
  const older = imageOf({ id: "i1", properties: { ...superseded, hailstack_built_at: "2026-01-01T00:00:00Z" } });
  const newer = imageOf({ id: "i2", properties: { ...built, hailstack_scripts_digest: "abc" }, sizeBytes: 5 });
  const other = imageOf({ id: "i3", properties: { hailstack_bundle: "a1" }, ownerId: "p2", visibility: "shared" });
  const half = imageOf({ id: "i4", name: "hailstack-build-0123456789abcdef", status: "queued" });
  const queued = imageOf({ id: "i5", properties: { hailstack_bundle: "z" }, status: "queued" });
  const rows = imageRows([older, newer, other, half, newer, queued], [other], new Map([["i2", ["c1"]]]), "p1");

  expect(rows.map(({ id, bundle, state, own }) => [id, bundle, state, own])).toEqual([
    ["i4", "", "half-built", true],
    ["i3", "a1", "offered", false],
    ["i2", "b1", "usable", true],
    ["i1", "b1", "superseded", true],
    ["i5", "z", "not active", true],
  ]);
  expect(rows[2]).toMatchObject({ digest: "abc", size_bytes: 5, used_by: ["c1"], built_at: "2026-01-02T03:04:05Z" });
});

describe("a snapshot of a server, which says of itself all that the server's image does", () => {
  const properties = { ...superseded, hailstack_image_id: "i1" };
  const snapshot = imageOf({ id: "i2", name: "my-data", properties });

  test("is no image of ours, and is never pruned", () => {
    expect([isBuilt(imageOf({ id: "i1", properties })), isBuilt(snapshot)]).toEqual([true, false]);
    expect(supersededOf([snapshot], snapshot.ownerId)).toEqual([]);
  });
});

describe("a superseded image", () => {
  const one = imageOf({ id: "i1", name: "hailstack-b1-superseded-20260101", properties: superseded });
  const facts = {
    project_id: "p1",
    servers: [],
    uses: new Map() as ImageUses,
    unread: [],
    members: new Map<string, ImageMember[]>(),
  };
  const members = (status: ImageMember["status"]) => new Map([["i1", [{ projectId: "p2", status }]]]);

  test("goes when nothing uses it", () => {
    expect(judgeSuperseded([one], facts, 0)).toEqual([{ image: one }]);
    expect(judgeSuperseded([one], { ...facts, members: members("pending") }, 0)).toEqual([{ image: one }]);
  });

  test.for([
    { why: "used by c1, c2", more: { uses: new Map([["i1", ["c1", "c2"]]]) } },
    { why: "server web was made from it", more: { servers: [serverOf({ name: "web", imageId: "i1" })] } },
    { why: "accepted by project p2", more: { members: members("accepted") } },
    { why: "the state of c9 cannot be read, and may use it", more: { unread: ["c9"] } },
  ])("stays: $why", ({ why, more }) => {
    expect(judgeSuperseded([one], { ...facts, ...more }, 0)).toEqual([{ image: one, keep: why }]);
  });

  test("stays while everybody may use it", () => {
    const open = { ...one, visibility: "community" as const };
    expect(judgeSuperseded([open], facts, 0)).toMatchObject([{ keep: "it is community: other projects may use it" }]);
  });

  test("stays when it is among the newest that are to be kept, of its own bundle", () => {
    const at = (id: string, bundle: string, createdAt: string) =>
      imageOf({ id, createdAt, properties: { ...superseded, hailstack_bundle: bundle } });
    const images = [at("old", "b1", "2026-01-01"), at("new", "b1", "2026-02-01"), at("other", "b2", "2025-01-01")];
    const kept = judgeSuperseded(images, facts, 1).filter(({ keep }) => keep === "one of the 1 newest");
    expect(kept.map(({ image }) => image.id)).toEqual(["new", "other"]);
  });

  test.for([
    { when: "another project's", image: { ...one, ownerId: "p2" } },
    { when: "not marked, whatever it is called", image: { ...one, properties: built } },
    { when: "no build's", image: { ...one, properties: { hailstack_superseded: "true" } } },
  ])("is none that is $when", ({ image }) => {
    expect(judgeSuperseded([image], facts, 0)).toEqual([]);
  });
});
