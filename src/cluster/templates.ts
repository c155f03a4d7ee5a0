/** Files of `cloud-init/` filled in. Names and sections are all a template may use: logic belongs in plan or script. */
import Mustache from "mustache";

/** Text of each template by the path where it lands on the node: `/etc/hosts`. */
export type Templates = Readonly<Record<string, string>>;

/** Values are host names and addresses, whose rules leave nothing to escape; other kinds of file bring their own. */
export function renderTemplate(template: string, view: object): string {
  return Mustache.render(template, view, {}, { escape: String });
}
