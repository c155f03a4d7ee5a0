import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  abandoned,
  announceBuild,
  buildName,
  buildNamed,
  forgetBuild,
  newBuildId,
  putBuild,
  readBuilds,
  storeTime,
  type BuildRecord,
} from "../../src/cluster/builds.ts";
import { bucketOf } from "../support/memory-bucket.ts";

const build = "0123456789abcdef";
const key = `hailstack/builds/${build}.json`;
const record: BuildRecord = {
  build,
  bundle: "b1",
  project_id: "p1",
  host: "here",
  pid: 7,
  user: "ann",
  started_at: "2026-01-02T03:04:05.000Z",
  beat_at: "2026-01-02T03:04:05.000Z",
};
const renewed = new Date("2026-01-02T03:10:00Z");

test("a name is a build's only when it is exactly that", () => {
  expect(buildNamed(buildName(newBuildId()))).toMatch(/^[0-9a-f]{16}$/);
  expect(buildNamed(`hailstack-build-${build}`)).toBe(build);
  for (const other of [
    "hailstack-build-",
    "hailstack-build-server",
    `hailstack-build-${build}x`,
    `my-hailstack-build-${build}`,
    `hailstack-build-${build}\n`,
    `hailstack-build-${build.toUpperCase()}`,
    "",
  ]) {
    expect(buildNamed(other)).toBeUndefined();
  }
});

describe("the records of builds", () => {
  test("are read back as they were put, with the store's own time of their last renewal", async () => {
    const bucket = bucketOf({}, () => renewed);
    await putBuild(bucket, record);
    expect(await readBuilds(bucket)).toEqual([{ ...record, renewed }]);
    await forgetBuild(bucket, build);
    await forgetBuild(bucket, build);
    expect(bucket.keys()).toEqual([]);
  });

  test("are not what belongs to a cluster called 'builds'", async () => {
    const bucket = bucketOf({ "hailstack/builds/identity.json": "{}", "hailstack/builds/passphrase": "x" });
    expect(await readBuilds(bucket)).toEqual([]);
    expect(bucket.requests).toEqual(["list hailstack/builds/"]);
  });

  test.for(["", "{", "[]", '{"build":1}'])("tell of a build even when damaged: %s", async (text) => {
    const at = renewed.toISOString();
    expect(await readBuilds(bucketOf({ [key]: text }, () => renewed))).toEqual([
      {
        build,
        bundle: "",
        project_id: "",
        host: "unknown",
        pid: 0,
        user: "unknown",
        started_at: at,
        beat_at: at,
        renewed,
      },
    ]);
  });
});

describe("a build is abandoned", () => {
  const machine = { hostname: "here", alive: (pid: number) => pid === 7 };
  const after = (seconds: number) => new Date(renewed.getTime() + seconds * 1000);
  test.for([
    { when: "its process of this machine is gone", host: "here", pid: 8, seconds: 0, is: true },
    { when: "its process of this machine lives", host: "here", pid: 7, seconds: 599, is: false },
    { when: "its number has gone to another process", host: "here", pid: 7, seconds: 601, is: true },
    { when: "it is silent on another machine", host: "there", pid: 8, seconds: 601, is: true },
    { when: "it was just heard of from another machine", host: "there", pid: 8, seconds: 600, is: false },
    { when: "the store's clock went back", host: "there", pid: 8, seconds: -90, is: false },
  ])("$is when $when", ({ host, pid, seconds, is }) => {
    expect(abandoned({ host, pid, renewed }, machine, after(seconds))).toBe(is);
  });

  test("by the store's time, not this machine's", () => {
    const bucket = { ...bucketOf({}), clockSkewSeconds: () => -3600 };
    expect(storeTime(bucket, after(3600))).toEqual(renewed);
    expect(storeTime({ ...bucket, clockSkewSeconds: () => undefined }, renewed)).toEqual(renewed);
  });
});

describe("a build that runs", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] }));
  afterEach(() => void vi.useRealTimers());
  const machine = { hostname: "here", user: "ann", pid: 7, alive: () => true };
  const begin = () => {
    let minute = 4;
    const bucket = bucketOf({});
    const now = () => new Date(Date.UTC(2026, 0, 2, 3, minute++, 5));
    return { bucket, announced: announceBuild(bucket, { machine, now }, { build, bundle: "b1", project_id: "p1" }) };
  };
  const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

  test("has its record from the first, renews it, and takes it away at the end", async () => {
    const { bucket, announced } = begin();
    const end = await announced;
    expect(JSON.parse(bucket.text(key))).toEqual({ ...record, beat_at: "2026-01-02T03:05:05.000Z" });

    vi.advanceTimersByTime(30_000);
    await settled();
    expect(JSON.parse(bucket.text(key))).toEqual({ ...record, beat_at: "2026-01-02T03:06:05.000Z" });

    // One that has just begun must not put the record back.
    vi.advanceTimersByTime(30_000);
    await end("all is gone");
    vi.advanceTimersByTime(90_000);
    await settled();
    expect(bucket.keys()).toEqual([]);
  });

  test("goes on when the store misses a renewal", async () => {
    const { bucket, announced } = begin();
    const end = await announced;
    const { put } = bucket;
    bucket.put = () => Promise.reject(new Error("away"));
    vi.advanceTimersByTime(30_000);
    await settled();
    bucket.put = put;
    vi.advanceTimersByTime(30_000);
    await settled();
    expect(JSON.parse(bucket.text(key))).toMatchObject({ beat_at: "2026-01-02T03:07:05.000Z" });
    await end("all is gone");
  });

  test("leaves its record for the next one when something of it is left", async () => {
    const { bucket, announced } = begin();
    await (
      await announced
    )("something is left");
    vi.advanceTimersByTime(30_000);
    await settled();
    expect(JSON.parse(bucket.text(key))).toEqual({ ...record, beat_at: "2026-01-02T03:05:05.000Z" });
  });

  test("does not begin when the store does not take its first word", async () => {
    const bucket = { ...bucketOf({}), put: () => Promise.reject(new Error("away")) };
    const world = { machine, now: () => renewed };
    await expect(announceBuild(bucket, world, { build, bundle: "b1", project_id: "p1" })).rejects.toThrow("away");
    expect(vi.getTimerCount()).toBe(0);
  });
});
