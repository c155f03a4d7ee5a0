/** Every file of a master and of a worker, as examples to read: of a cluster with everything on, and of a bare one. */
import { nodeFiles } from "../../src/cluster/node-files.ts";
import type { NodeInputs } from "../../src/cluster/node-view.ts";
import { everything, nothingOptional } from "./node-inputs.ts";
import { addressesOf } from "./plans.ts";

/** Text by path below `test/golden/nodes/`; `modes` beside a node's files has who may read each, and when it comes. */
export function goldenFiles(): Record<string, string> {
  const clusters: Record<string, NodeInputs> = { everything: everything(), bare: nothingOptional() };
  return Object.fromEntries(Object.entries(clusters).flatMap(([name, inputs]) => filesOf(name, inputs)));
}

function filesOf(cluster: string, inputs: NodeInputs): [string, string][] {
  const render = nodeFiles(inputs, addressesOf(inputs.plan), "ssh");
  return inputs.plan.nodes.slice(0, 2).flatMap((node): [string, string][] => {
    const folder = `${cluster}/${node.short}`;
    const files = render(node);
    const modes = files.map(({ path, owner, mode, secret, early }) => {
      const when = secret ? "secret, over SSH alone" : early ? "at the first boot" : "when the servers are up";
      return `${mode} ${owner.padEnd(12)} ${path} (${when})\n`;
    });
    return [
      [`${folder}/modes`, modes.join("")],
      ...files.map(({ path, content }): [string, string] => [`${folder}${path}`, content]),
    ];
  });
}
