import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { type SimulatedCloud, startCloud } from "./cloud.ts";
import type { FaultKind } from "./faults.ts";
import { logIn } from "./test-client.ts";

let cloud: SimulatedCloud;
afterEach(() => cloud.stop());

const operation = "network.security-groups.create";
const groups = "/v2.0/security-groups";
const body = { security_group: { name: "one" } };
const count = () => cloud.objects().securityGroups?.length ?? 0;

async function struckBy(fault: FaultKind) {
  cloud = await startCloud({ faults: [{ match: { operation }, nth: 1, fault }] });
  return logIn(cloud);
}

test.for([
  { status: 403, key: "NeutronError" },
  { status: 409, key: "NeutronError" },
  { status: 500, key: "NeutronError" },
  { status: 503, key: "NeutronError" },
] as const)("a refusal with $status does nothing and the next call goes through", async ({ status, key }) => {
  const { send } = await struckBy({ kind: "refuse", status });

  const refused = await send("network", "POST", groups, body);
  expect({ status: refused.status, told: refused.at(`${key}.type`) }).toEqual({ status, told: "Refused" });
  expect(count()).toBe(1);
  expect(await send("network", "POST", groups, body)).toMatchObject({ status: 201 });
});

test("a refusal with 429 says when to try again", async () => {
  const { send } = await struckBy({ kind: "refuse", status: 429, retryAfterSeconds: 7 });

  const refused = await send("network", "POST", groups, body);
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "7"]);
});

test("a lost answer has done its work", async () => {
  const { send } = await struckBy({ kind: "lose-answer" });

  await expect(send("network", "POST", groups, body)).rejects.toThrow("fetch failed");
  expect(count()).toBe(2);
});

test("a reset connection has done nothing", async () => {
  const { send } = await struckBy({ kind: "reset" });

  await expect(send("network", "POST", groups, body)).rejects.toThrow("fetch failed");
  expect(count()).toBe(1);
});

test("an answer in HTML has done nothing", async () => {
  const { send } = await struckBy({ kind: "html" });

  const answer = await send("network", "POST", groups, body);
  expect([answer.status, answer.headers.get("content-type"), count()]).toEqual([200, "text/html; charset=utf-8", 1]);
});

test("a delayed call does its work only afterwards", async () => {
  const { send } = await struckBy({ kind: "delay", ms: 50 });

  const answer = send("network", "POST", groups, body);
  await Promise.race([answer, sleep(5)]);
  expect(count()).toBe(1);
  expect(await answer).toMatchObject({ status: 201 });
});

test("a call that times out is not answered until the cloud stops", async () => {
  const { send } = await struckBy({ kind: "timeout" });

  const answer = send("network", "POST", groups, body);
  const outcome = await Promise.race([answer, sleep(50, "nothing yet")]);
  expect([outcome, count()]).toEqual(["nothing yet", 1]);
  await Promise.all([cloud.stop(), expect(answer).rejects.toThrow("fetch failed")]);
  cloud = await startCloud();
});

test.for([
  { when: "by method", match: { method: "POST", service: "network" } },
  { when: "by path", match: { path: /^\/v2\.0\/security-groups$/ } },
  { when: "by operation", match: { operation } },
] as const)("a plan finds its call $when, counts only what matches, and strikes the nth", async ({ match }) => {
  cloud = await startCloud({ faults: [{ match, nth: [2, 3], fault: { kind: "refuse", status: 503 } }] });
  const { send } = await logIn(cloud);

  const statuses: number[] = [];
  for (const name of ["a", "b", "c", "d"]) {
    await send("network", "GET", "/v2.0/ports");
    statuses.push((await send("network", "POST", groups, { security_group: { name } })).status);
  }
  expect(statuses).toEqual([201, 503, 503, 201]);
  expect(cloud.faults.hits()).toEqual([2]);
});

test("chances follow from the seed", async () => {
  const run = async (seed: number) => {
    cloud = await startCloud({
      seed,
      faults: [{ match: { service: "image" }, probability: 0.3, fault: { kind: "refuse", status: 500 } }],
    });
    const { send } = await logIn(cloud);
    const statuses: number[] = [];
    for (let round = 0; round < 40; round += 1) statuses.push((await send("image", "GET", "/v2/images")).status);
    await cloud.stop();
    return statuses;
  };

  const first = await run(7);
  expect(first.filter((status) => status === 500).length).toBeGreaterThan(3);
  expect(await run(7)).toEqual(first);
  expect(await run(8)).not.toEqual(first);
});

test("every fault is in the journal, with no status where there was no answer", async () => {
  const { send } = await struckBy({ kind: "reset" });

  await send("network", "POST", groups, body).catch(() => undefined);
  const entry = cloud.journal.find((candidate) => candidate.operation === operation);
  expect(entry).toMatchObject({ fault: "reset", method: "POST", path: groups });
  expect(entry?.status).toBeUndefined();
});
