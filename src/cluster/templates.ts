/**
 * Files of `cloud-init/` and how one is filled in. Names and sections are all a template may use: logic belongs in
 * plan or script.
 */
import Mustache from "mustache";
import type { World } from "../world.ts";
import type { Role } from "./firewall.ts";

/** Text of each template by the path where it lands on a node: `/etc/hosts`. */
type TemplateTexts = Readonly<Record<string, string>>;
/** What every node gets, and what one role alone does; of two for one path the role's own wins. */
export type Templates = Readonly<Record<"common" | Role, TemplateTexts>>;

/** Reads all of `cloud-init/`. */
export async function readTemplates(world: Pick<World, "assetTree">): Promise<Templates> {
  const below = async (folder: string): Promise<TemplateTexts> => {
    const tree = await world.assetTree(`cloud-init/${folder}`);
    return Object.fromEntries(Object.entries(tree).map(([path, text]) => [`/${path}`, text]));
  };
  const [common, master, worker] = await Promise.all([below("common"), below("master"), below("worker")]);
  return { common, master, worker };
}

export const templatesOf = (templates: Templates, role: Role): TemplateTexts => ({
  ...templates.common,
  ...templates[role],
});

/** @throws Unwritable (encode.ts) when a value has no form in that kind of file */
export function renderTemplate(template: string, view: object, encode: (value: unknown) => string): string {
  return Mustache.render(template, view, {}, { escape: encode });
}

/** True for a template whose text does not differ from node to node of one role. */
export const isSameOnEveryNode = (template: string): boolean => !/\{\{[#^]?\s*node\b/.test(template);
