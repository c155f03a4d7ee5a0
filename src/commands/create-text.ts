/** What `create` answers, on paper and for machines. */
import { sizingLines } from "../cluster/sizing-text.ts";
import { countChanges, describeCounts, kindOf } from "../cluster/changes.ts";
import { quoteWord } from "../cluster/quote.ts";
import type { Change, World } from "../world.ts";
import type { Applied } from "./apply.ts";
import type { Draft } from "./draft.ts";
import type { Formed } from "./form.ts";
import type { ConfigOptions } from "./open-config.ts";
import type { Site } from "./site.ts";

/** How a command line that does more with this cluster goes on. */
export const sameFile = ({ config, dotenv }: ConfigOptions): string =>
  `--config ${shellWord(config)}${dotenv ? ` --dotenv ${shellWord(dotenv)}` : ""}`;

const shellWord = (text: string): string => (/^[\w./@:+-]+$/.test(text) ? text : quoteWord(text));

const did = { create: "created", update: "changed", delete: "deleted", replace: "replaced" };

/** `formed` is absent when nobody waited for the servers to become a cluster. */
export function showCreated(
  world: World,
  site: Site,
  draft: Draft,
  { counts, outputs }: Applied,
  options: ConfigOptions,
  formed?: Formed,
): void {
  const { cluster } = site;
  const address = outputs.master_public_ip;
  const what = draft.first ? `Cluster '${cluster}' created.` : `Cluster '${cluster}': ${describeCounts(counts, did)}.`;
  const same = sameFile(options);
  const lines = formed
    ? [
        `  JupyterLab:   https://${address}/jupyter/ (user hailstack, password HAILSTACK_WEB_PASSWORD)`,
        `  every page:   https://${address}/`,
        ...(formed.fingerprint ? [`  certificate:  SHA-256 ${formed.fingerprint}${yours(site)}`] : []),
        `  ready:        ${formed.detail}`,
      ]
    : [`  not ready:    it has servers, not services yet; hailstack create ${same} goes on until a Hail job has run`];
  world.terminal.print(
    [
      `${what} Master IP: ${address}`,
      ...lines,
      `  log in:       hailstack ssh ${same}`,
      `  look:         hailstack status ${same}`,
      `  remove:       hailstack destroy ${same}`,
    ].join("\n"),
  );
  const result = { command: "create", cluster, changes: counts, master_public_ip: address, outputs };
  world.terminal.result(
    formed
      ? { ...result, ready: true, certificate_sha256: formed.fingerprint ?? null, readiness: formed.readiness }
      : { ...result, ready: false },
  );
}

/** An address that a certificate of the operator's is not for is one that browsers warn of. */
function yours({ loaded: { certificate } }: Site): string {
  if (!certificate) return "";
  return certificate.names.length > 0 ? `, yours, for ${certificate.names.join(", ")}` : ", yours";
}

export function showDryRun(world: World, { cluster }: Site, draft: Draft, found: readonly Change[]): void {
  // The engine's own order is another one each time; two dry runs shall compare line by line.
  const changes = found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const signs = { create: "+", update: "~", delete: "-", replace: "±", same: " ", read: " " };
  const rows = changes.map(({ operation, type, name, properties }) => {
    const why = properties.length > 0 ? ` (${properties.join(", ")})` : "";
    return `  ${signs[operation]} ${kindOf(type).padEnd(19)} ${name}${why}`;
  });
  const quota = draft.quota.map(
    ({ kind, need, used, limit }) =>
      `  ${kind.padEnd(20)} ${`+${need}`.padStart(7)}   ${used} of ${limit ?? "unlimited"} in use`,
  );
  const orphans = draft.orphans.map(({ kind, name, id }) => `  - ${kind} ${name} (${id})`);
  const paragraph = (title: string, lines: readonly string[]) =>
    lines.length > 0 ? `${title}\n${lines.join("\n")}` : "";
  world.terminal.print(
    [
      paragraph(`Cluster '${cluster}' would change:`, rows),
      paragraph("Left by an interrupted run, would be removed:", orphans),
      paragraph("Quota it would use:", quota),
      paragraph("Memory and cores would go to:", sizingLines(draft.inputs.sizing)),
      `${describeCounts(countChanges(changes))}. Nothing was written.`,
    ]
      .filter(Boolean)
      .join("\n\n"),
  );
  world.terminal.result({
    command: "create",
    dry_run: true,
    cluster,
    changes: countChanges(changes),
    resources: changes.map(({ operation, name, type, properties }) => ({
      operation,
      name,
      kind: kindOf(type),
      properties,
    })),
    orphans: draft.orphans,
    quota: draft.quota,
    sizing: draft.inputs.sizing,
    warnings: draft.warnings,
    fields: draft.fields,
  });
}
