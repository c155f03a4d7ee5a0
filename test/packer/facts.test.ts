/** cluster.json, as hailstack writes it and as the programs of a node read it. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nodeFiles } from "../../src/cluster/node-files.ts";
import type { NodeInputs } from "../../src/cluster/node-view.ts";
import { everything, nothingOptional } from "../support/node-inputs.ts";
import { addressesOf } from "../support/plans.ts";
import { kit, layFiles, temporaryFolder } from "./rig.ts";

const library = join(kit, "files/services/usr/libexec/hailstack");
const script = "import sys; from hailstack_node import facts; f = facts.read(sys.argv[1]); print(f.role, f.volume)";

function withoutId(all: NodeInputs): NodeInputs {
  const rest = { ...all };
  delete rest.volumeId;
  return rest;
}
const inputs = {
  "everything on": everything(),
  // Cinder gives the volume its id after the servers have got their user data.
  "a volume that is still to be made": withoutId(everything()),
  "nothing optional": nothingOptional(),
};
const channels = ["user data", "ssh"] as const;
const cases = Object.entries(inputs).flatMap(([what, of]) => channels.map((channel) => ({ what, of, channel })));

test.for(cases)("$what, by $channel: every node takes its own", ({ of, channel }) => {
  const files = nodeFiles(of, addressesOf(of.plan), channel);
  for (const node of of.plan.nodes) {
    const content = files(node).find(({ path }) => path === "/etc/hailstack/cluster.json")?.content ?? "";
    const folder = layFiles(temporaryFolder(), { "cluster.json": content });
    const told = execFileSync("python3", ["-B", "-c", script, join(folder, "cluster.json")], {
      env: { ...process.env, PYTHONPATH: library },
      encoding: "utf8",
    });
    const volume = of.volumeId ? `Volume(id='${of.volumeId}', kind='new', mount='/home/ubuntu/data')` : "None";
    expect(told).toBe(`${node.role} ${volume}\n`);
  }
});
