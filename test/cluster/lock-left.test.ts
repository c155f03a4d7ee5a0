import { expect, test } from "vitest";
import { releaseOurs } from "../../src/cluster/lock.ts";
import { locksPrefix } from "../../src/cluster/store.ts";
import { bucketOf } from "../support/memory-bucket.ts";

const begun = new Date("2026-11-21T09:00:00Z");
const machine = { hostname: "here", user: "alice", pid: 7, alive: (pid: number) => pid === 4 };
const left = { pid: 3, username: "alice", hostname: "here", timestamp: "2026-11-21T09:00:01.5Z" };

test.for([
  { what: "by an engine of this run that died", lock: left, stays: false },
  { what: "by one that still lives", lock: { ...left, pid: 4 }, stays: true },
  { what: "before this run began", lock: { ...left, timestamp: "2026-11-21T08:59:59.9Z" }, stays: true },
  { what: "on another machine", lock: { ...left, hostname: "there" }, stays: true },
])("a lock that was left $what stays: $stays", async ({ lock, stays }) => {
  const bucket = bucketOf({ [`${locksPrefix("c1")}a.json`]: JSON.stringify(lock) });
  await releaseOurs({ bucket, cluster: "c1" }, { machine }, begun);
  expect(bucket.keys()).toHaveLength(stays ? 1 : 0);
});
