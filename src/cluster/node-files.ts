/** The files of one node, as they shall lie there. */
import { encoderOf } from "./encode.ts";
import { fileMode, type FileMode } from "./file-modes.ts";
import { nodeView, type NodeInputs } from "./node-view.ts";
import type { Addresses } from "./outputs.ts";
import type { PlannedNode } from "./plan.ts";
import { isSameOnEveryNode, renderTemplate, templatesOf } from "./templates.ts";

export type NodeFile = FileMode & { path: string; content: string };

/**
 * Of any node of the cluster, in the order of the paths. `channel` "user data" gives what the first boot may carry,
 * "ssh" all of it. A file that comes out blank is left out: its feature is off.
 * @throws Unwritable (encode.ts) when a value has no form in a file
 */
export function nodeFiles(
  inputs: NodeInputs,
  addresses: Addresses,
  channel: "user data" | "ssh",
): (node: PlannedNode) => NodeFile[] {
  const viewOf = nodeView(inputs, addresses, channel);
  // A thousand nodes have the same list of hosts, which is long.
  const shared = new Map<string, string>();
  return (node) => {
    const view = viewOf(node);
    const rendered = Object.entries(templatesOf(inputs.templates, node.role))
      .filter(([path]) => channel === "ssh" || isForFirstBoot(fileMode(path)))
      .map(([path, template]) => ({ path, ...fileMode(path), content: render(path, template) }));
    return rendered.filter(({ content }) => content.trim() !== "").toSorted((a, b) => (a.path < b.path ? -1 : 1));

    function render(path: string, template: string): string {
      const key = `${path}\0${template}`;
      const known = shared.get(key);
      if (known !== undefined) return known;
      const text = renderTemplate(template, view, encoderOf(path));
      if (isSameOnEveryNode(template)) shared.set(key, text);
      return text;
    }
  };
}

const isForFirstBoot = ({ secret, early }: FileMode): boolean => early && !secret;
