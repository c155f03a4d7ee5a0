import { readFileSync } from "node:fs";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { describe, expect, test } from "vitest";
import { collectChanges, followRun, operationOf } from "../../src/pulumi/events.ts";
import type { Progress } from "../../src/world.ts";

/** What the engine told of real runs on the simulated cloud, without its debugging and the resources' properties. */
const recorded = (name: string): EngineEvent[] =>
  // Recorded from a function that takes this type.
  JSON.parse(readFileSync(new URL(`recorded/${name}.json`, import.meta.url), "utf8")) as EngineEvent[];

function follow(events: readonly EngineEvent[]) {
  const told: Progress[] = [];
  const run = followRun((progress) => told.push(progress));
  for (const event of events) run.onEvent(event);
  const words = told.map((one) =>
    one.event === "resource" ? `${one.operation} ${one.kind} ${one.resource} ${one.state}` : one.event,
  );
  return { words, failures: run.failures(), outputs: run.outputs() };
}

test.for([
  ["same", "same"],
  ["create", "create"],
  ["update", "update"],
  ["delete", "delete"],
  ["replace", "replace"],
  ["create-replacement", "replace"],
  ["delete-replaced", "replace"],
  ["import-replacement", "replace"],
  ["read-replacement", "replace"],
  ["discard-replaced", "replace"],
  ["remove-pending-replace", "replace"],
  ["read", "read"],
  ["refresh", "read"],
  ["discard", "delete"],
  ["import", "create"],
] as const)("the engine's %s is %s to us", ([op, operation]) => {
  expect(operationOf(op)).toBe(operation);
});

describe("a run that failed", () => {
  const { words, failures, outputs } = follow(recorded("failed"));

  test("tells of each resource when it begins and how it ends", () => {
    expect(words.filter((word) => word.includes("c1-master ") || word.includes("c1-worker-01 "))).toEqual([
      "create Instance c1-worker-01 started",
      "create Instance c1-master started",
      "create Instance c1-worker-01 done",
      "create Instance c1-master failed",
    ]);
    expect(words.filter((word) => word.endsWith("started"))).toHaveLength(11);
    expect(words.filter((word) => word.endsWith("done"))).toHaveLength(10);
  });

  test("says nothing of the stack and the provider", () => {
    expect(words.filter((word) => /openstack|hailstack-/.test(word))).toEqual([]);
  });

  test("keeps what was said of the resource that failed, and of the run as a whole", () => {
    expect(failures.map(({ resource }) => resource)).toEqual(["c1-master", "c1-master", ""]);
    expect(failures[0]?.message).toContain("unexpected state 'ERROR'");
    expect(failures[2]?.message).toBe("update failed\n");
  });

  test("has outputs all the same, as far as they are known", () => {
    expect(outputs).toMatchObject({ cluster_name: "c1", num_workers: 1 });
  });
});

test("a run that changes little tells only of that", () => {
  const { words, failures, outputs } = follow(recorded("again"));
  expect(new Set(words)).toEqual(new Set(["replace Instance c1-master started", "replace Instance c1-master done"]));
  expect(failures).toEqual([]);
  expect(outputs).toMatchObject({ cluster_name: "c1", master_flavour: "m2.medium" });
});

test("a destroy tells of each deletion", () => {
  const { words } = follow(recorded("destroy"));
  expect(words.filter((word) => word.endsWith("done")).toSorted()).toEqual([
    "delete FloatingIp c1-fip done",
    "delete Instance c1-master done",
    "delete Instance c1-worker-01 done",
    "delete Keypair c1-keypair done",
    "delete Port c1-master-port done",
    "delete Port c1-worker-port-01 done",
    "delete SecGroup c1-master-sg done",
    "delete SecGroup c1-worker-sg done",
    "delete SecGroupRule c1-master-from-workers done",
    "delete SecGroupRule c1-master-sg-ssh done",
    "delete SecGroupRule c1-worker-ssh-from-master done",
  ]);
});

describe("a preview", () => {
  const collected = collectChanges();
  for (const event of recorded("preview")) collected.onEvent(event);
  const changes = collected.changes();

  test("has one change for each resource, however many steps it takes", () => {
    expect(changes.map(({ operation, name }) => `${operation} ${name}`).toSorted()).toEqual([
      "replace c1-master",
      "replace c1-master-port",
      "replace c1-worker-01",
      "replace c1-worker-port-01",
      "same c1-keypair",
      "same c1-master-from-workers",
      "same c1-master-sg",
      "same c1-master-sg-ssh",
      "same c1-worker-sg",
      "same c1-worker-ssh-from-master",
      "update c1-fip",
    ]);
  });

  test("says why, although the first step of a replacement does not", () => {
    const why = Object.fromEntries(changes.map(({ name, properties }) => [name, properties]));
    expect(why).toMatchObject({ "c1-master-port": ["networkId"], "c1-fip": ["portId"], "c1-keypair": [] });
  });

  test("says why in whatever order the steps of a replacement come", () => {
    const steps = recorded("preview").filter((event) =>
      event.resourcePreEvent?.metadata.urn.endsWith("::c1-master-port"),
    );
    const reversed = collectChanges();
    for (const event of steps.toReversed()) reversed.onEvent(event);
    expect(steps).toHaveLength(3);
    expect(reversed.changes()).toMatchObject([{ operation: "replace", properties: ["networkId"] }]);
  });

  test("names each resource in full", () => {
    expect(changes.find(({ name }) => name === "c1-fip")).toEqual({
      operation: "update",
      name: "c1-fip",
      type: "openstack:networking/floatingIp:FloatingIp",
      urn: "urn:pulumi:hailstack-c1::hailstack::openstack:networking/floatingIp:FloatingIp::c1-fip",
      properties: ["portId"],
    });
  });
});

test("what goes wrong in the program itself is no resource's", () => {
  const urn = "urn:pulumi:hailstack-c1::hailstack::pulumi:pulumi:Stack::hailstack-hailstack-c1";
  const event = {
    sequence: 1,
    timestamp: 0,
    diagnosticEvent: { urn, message: "c1-master: no address", color: "never", severity: "error" },
  } as const;
  expect(follow([event]).failures).toEqual([{ resource: "", message: "c1-master: no address" }]);
});

test("warnings are no failures", () => {
  const events = (["warning", "info", "info#err"] as const).map((severity) => ({
    sequence: 1,
    timestamp: 0,
    diagnosticEvent: { message: "m", color: "never", severity },
  }));
  expect(follow(events).failures).toEqual([]);
});
