import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ofKind, readCheckpoint, withoutPending, withVolumeRetained } from "../../src/cluster/state.ts";
import { refusalOf, refusedWith } from "../support/errors.ts";

/** As the engine wrote it after a create on the simulated cloud, with fewer resources. */
const recorded = readFileSync(new URL("checkpoint.json", import.meta.url));
const key = ".pulumi/stacks/hailstack/hailstack-c1.json";
type Json = {
  version: number;
  checkpoint: { latest?: Record<string, unknown> & { resources: Record<string, unknown>[] } };
};
/** The recorded one after a change. */
function checkpoint(change: (json: Json) => void = () => {}): Buffer {
  // What was recorded has this shape.
  const json = JSON.parse(recorded.toString()) as Json;
  change(json);
  return Buffer.from(JSON.stringify(json));
}
const latestOf = (json: Json) => json.checkpoint.latest ?? { resources: [] };
const pendingMaster = {
  type: "creating",
  resource: {
    urn: "urn:pulumi:hailstack-c1::hailstack::openstack:compute/instance:Instance::c1-worker-02",
    type: "openstack:compute/instance:Instance",
    custom: true,
  },
};

describe("a real checkpoint", () => {
  const state = readCheckpoint(recorded, key);

  test("tells each resource by logical name, kind and id, without stack and provider", () => {
    expect(state.resources.map(({ name, kind }) => `${kind} ${name}`).toSorted()).toEqual([
      "FloatingIp c1-fip",
      "Instance c1-master",
      "Instance c1-worker-01",
      "Keypair c1-keypair",
      "Port c1-master-port",
      "Volume c1-vol",
      "VolumeAttach c1-vol-attach",
    ]);
    const [attachment] = ofKind(state, "VolumeAttach");
    const master = ofKind(state, "Instance").find(({ name }) => name === "c1-master");
    expect(attachment?.id).toBe(`${master?.id}/${ofKind(state, "Volume")[0]?.id}`);
  });

  test("tells what later commands need: outputs, time, salt", () => {
    expect(state.outputs).toMatchObject({
      cluster_name: "c1",
      cluster_id: "0123456789abcdef",
      worker_names: ["c1-worker-01"],
    });
    expect(state.time).toBe("2026-11-21T09:05:07.39013223Z");
    expect(state.salt).toMatch(/^v1:.+:v1:.+:.+$/);
    expect(state.pending).toEqual([]);
  });

  test("tells the inputs that quotas and partings are reckoned with", () => {
    expect(ofKind(state, "Volume")[0]?.inputs).toMatchObject({ name: "c1-vol", size: 1 });
    expect(ofKind(state, "FloatingIp")[0]?.inputs).toHaveProperty("portId", ofKind(state, "Port")[0]?.id);
  });

  test("keeps the first-boot data encrypted", () => {
    expect(ofKind(state, "Instance")[0]?.inputs.userData).toHaveProperty("ciphertext");
  });
});

test.for([
  { version: 3, checkpoint: { stack: "organization/hailstack/hailstack-c1", latest: null } },
  // As the engine writes it before it has chosen a passphrase: what a kill in that moment leaves.
  { version: 0, checkpoint: { stack: "organization/hailstack/hailstack-c1" } },
])("a stack that was begun and has nothing yet is an empty state: version $version", (begun) => {
  expect(readCheckpoint(Buffer.from(JSON.stringify(begun)), key)).toEqual({ resources: [], pending: [] });
});

const withOutputs = (outputs: Record<string, unknown>) =>
  checkpoint((json) => {
    const stack = latestOf(json).resources.find(({ type }) => type === "pulumi:pulumi:Stack");
    if (stack) stack.outputs = outputs;
  });

test("outputs of a create that never came to its end are none", () => {
  expect(readCheckpoint(withOutputs({}), key)).not.toHaveProperty("outputs");
});

test("outputs that are damaged are told by name, and never taken for none", async () => {
  const good = readCheckpoint(recorded, key).outputs;
  for (const [outputs, name] of [
    [{ ...good, bundle_id: 3 }, "bundle_id"],
    [{ ...good, worker_names: [] }, "worker_private_ips"],
  ] as const) {
    const message = `Pulumi stack output '${name}' was missing or invalid`;
    expect(await refusedWith(() => readCheckpoint(withOutputs(outputs), key))).toEqual([4, "state-outputs", message]);
  }
});

test("what was begun and never ended is told", () => {
  const bytes = checkpoint((json) => Object.assign(latestOf(json), { pending_operations: [pendingMaster] }));
  expect(readCheckpoint(bytes, key).pending).toEqual([
    { operation: "creating", name: "c1-worker-02", kind: "Instance" },
  ]);
});

test("a server that never came up is told apart from one that did", () => {
  const bytes = checkpoint((json) => {
    const worker = latestOf(json).resources.find(({ urn }) => String(urn).endsWith("::c1-worker-01"));
    Object.assign(worker ?? {}, { initErrors: ["unexpected state 'ERROR'"] });
  });
  const unfinished = readCheckpoint(bytes, key).resources.filter((resource) => resource.unfinished);
  expect(unfinished.map(({ name }) => name)).toEqual(["c1-worker-01"]);
});

const damaged: [string, Buffer][] = [
  ["an empty object", Buffer.alloc(0)],
  ["half of it", recorded.subarray(0, recorded.length / 2)],
  ["a web page", Buffer.from("<html><body>Please log in.</body></html>")],
  ["something else", Buffer.from('{"hello": 1}')],
  ["a list", Buffer.from("[]")],
  ["bytes that are no text", Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0])],
  ["a newer version's", checkpoint((json) => (json.version = 4))],
  ["an unknown old version's, with resources in it", checkpoint((json) => (json.version = 0))],
  ["a resource without a URN", checkpoint((json) => delete latestOf(json).resources[2]?.urn)],
];

test.for(damaged)("%s is refused, with the key and where the last good one is", async ([, bytes]) => {
  const reads = [
    () => readCheckpoint(bytes, key),
    () => withoutPending(bytes, key),
    () => withVolumeRetained(bytes, key, true),
  ];
  for (const read of reads) {
    expect(await refusalOf(read)).toEqual({
      exitCode: 4,
      problems: [
        {
          slug: "state-unreadable",
          message: "the recorded state is damaged, or a newer version wrote it",
          where: key,
          fix: `restore ${key}.bak over it, or use the version of hailstack that wrote it`,
        },
      ],
    });
  }
});

describe("a changed checkpoint is the same but for", () => {
  test("what was pending", () => {
    const bytes = checkpoint((json) => Object.assign(latestOf(json), { pending_operations: [pendingMaster] }));
    expect(JSON.parse(withoutPending(bytes, key))).toEqual(JSON.parse(recorded.toString()));
  });

  test.for([true, false])("its volume's retention: %s", (retained) => {
    // What was recorded has this shape.
    const [before, changed] = [recorded.toString(), withVolumeRetained(recorded, key, retained)].map(
      (text) => JSON.parse(text) as Json,
    );
    const volumes = (json?: Json) =>
      json ? latestOf(json).resources.filter(({ type }) => String(type).endsWith(":Volume")) : [];
    expect(volumes(changed).map(({ retainOnDelete }) => retainOnDelete)).toEqual([retained]);
    for (const volume of [...volumes(before), ...volumes(changed)]) delete volume.retainOnDelete;
    expect(changed).toEqual(before);
  });

  test("nothing, where there is no volume and nothing is pending", () => {
    const bytes = checkpoint((json) => {
      const latest = latestOf(json);
      latest.resources = latest.resources.filter(({ type }) => !String(type).endsWith(":Volume"));
    });
    expect(JSON.parse(withVolumeRetained(bytes, key, true))).toEqual(JSON.parse(bytes.toString()));
    expect(JSON.parse(withoutPending(bytes, key))).toEqual(JSON.parse(bytes.toString()));
  });
});
