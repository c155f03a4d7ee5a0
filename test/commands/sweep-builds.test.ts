import { expect, test } from "vitest";
import { buildName } from "../../src/cluster/builds.ts";
import { surveyBuilds, sweepBuilds } from "../../src/commands/sweep-builds.ts";
import type { Cloud, Image, World } from "../../src/world.ts";
import { bucketOf } from "../support/memory-bucket.ts";
import { imageOf, serverOf } from "../support/plans.ts";

const build = "0123456789abcdef";
const key = `hailstack/builds/${build}.json`;
const record = {
  build,
  bundle: "b1",
  project_id: "p1",
  host: "here",
  pid: 7,
  user: "ann",
  started_at: "",
  beat_at: "",
};

const notes: string[] = [];
const world = {
  machine: { hostname: "here", alive: () => false },
  now: () => new Date(0),
  terminal: { report: (progress: { message?: string }) => notes.push(progress.message ?? "") },
} as unknown as World;

/** A project with one server and one image of the build; `published` is what the image is when it is looked at again. */
function cloudOf(published: Image | undefined) {
  const deleted: string[] = [];
  const none = async () => [];
  const image = imageOf({ id: "i", name: buildName(build) });
  const cloud = {
    identity: { projectId: "p1" },
    servers: async () => [serverOf({ id: "s", name: buildName(build) })],
    ownImages: async () => [image],
    image: async () => published,
    keypairs: none,
    floatingIps: none,
    ports: none,
    securityGroups: none,
    volumes: none,
    delete: async (kind: string, id: string) => void deleted.push(`${kind} ${id}`),
  } as unknown as Cloud;
  return { cloud, deleted };
}

test("what a dead build left goes, and its record last", async () => {
  const bucket = bucketOf({ [key]: JSON.stringify(record) });
  const { cloud, deleted } = cloudOf(imageOf({ id: "i", name: buildName(build) }));

  expect((await sweepBuilds(world, cloud, bucket)).map(({ kind }) => kind)).toEqual(["server", "image"]);
  expect(deleted).toEqual(["server s", "image i"]);
  expect(notes).toContain(`removed server ${buildName(build)}`);
  expect(bucket.keys()).toEqual([]);
});

test("an image that its builder has published meanwhile stays, and so does one that is gone", async () => {
  for (const now of [imageOf({ id: "i", name: "hailstack-b1" }), undefined]) {
    const { cloud, deleted } = cloudOf(now);
    await sweepBuilds(world, cloud, bucketOf({ [key]: JSON.stringify(record) }));
    expect(deleted).toEqual(["server s"]);
  }
});

test("a record stays when the cloud does not let something go", async () => {
  const bucket = bucketOf({ [key]: JSON.stringify(record) });
  const { cloud } = cloudOf(undefined);
  cloud.delete = () => Promise.reject(new Error("in use"));

  await expect(sweepBuilds(world, cloud, bucket)).rejects.toThrow("in use");
  expect(bucket.keys()).toEqual([key]);
});

test("the records are read after the cloud: what is seen there has announced itself before", async () => {
  const bucket = bucketOf({ [key]: JSON.stringify(record) });
  const { cloud } = cloudOf(undefined);
  let seen = 0;
  const { servers } = cloud;
  cloud.servers = async () => {
    seen = bucket.requests.length;
    return servers();
  };
  await surveyBuilds(world, cloud, bucket);

  expect([seen, bucket.requests[0]]).toEqual([0, "list hailstack/builds/"]);
});
