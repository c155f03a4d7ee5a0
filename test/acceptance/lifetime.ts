/** One variant from create to destroy, with the project's ids compared around every step. */
import { z } from "zod";
import { usualFields, type Fields } from "../support/rig-config.ts";
import type { Env } from "../../src/world.ts";
import { timed, type Row } from "./board.ts";
import { credentials } from "./credentials.ts";
import type { Hailstack } from "./hailstack.ts";
import { added, describe, kinds, misused, touched, type Difference, type Inventory, type Kind } from "./inventory.ts";
import type { Lab } from "./lab.ts";
import type { Project } from "./project.ts";
import type { StateBucket } from "./state-bucket.ts";
import type { Variant } from "./variants.ts";

export type Bed = { lab: Lab; project: Project; bucket: StateBucket; hailstack: Hailstack };
/** A cluster under way. */
export type Life = Bed & { variant: Variant; env: Env; cluster: string };
type Growing = Life & { fields: Fields };

const workers = 2;

/** Fills `row`. @throws Error at the first thing that is not as it should be */
export async function live(bed: Bed, variant: Variant, row: Row): Promise<void> {
  const { project, lab, hailstack, bucket } = bed;
  await project.inventory(); // makes Neutron's default group
  const env = await credentials(variant.login ?? "openrc", project, lab.region, hailstack.folder);
  const special = typeof variant.fields === "function" ? await variant.fields(project) : variant.fields;
  const cluster = `acc-${variant.name}`;
  const usual = usualFields(bucket.settings);
  const fields = { ...usual, "cluster.name": cluster, "cluster.num_workers": workers, ...special };
  const life: Growing = { ...bed, variant, env, fields, cluster };
  const before = await project.inventory();
  hailstack.configure(fields);
  const made = await timed(row, "create", () => firstCreate(life, before));
  await timed(row, "status", () => status(life));
  await timed(row, "again", () => sameAgain(life, made));
  await timed(row, "grow", () => grow(life, made));
  await timed(row, "shrink", () => shrink(life, made));
  await timed(row, "destroy", () => destroy(life, before));
}

async function firstCreate(
  { hailstack, env, project, variant, fields }: Growing,
  before: Inventory,
): Promise<Inventory> {
  const { changes, master_public_ip } = await hailstack.create(env);
  const made = await project.inventory();
  const news = added(before, made);
  const { networks = 1 } = variant;
  const usual = {
    servers: 1 + workers,
    ports: (1 + workers) * networks,
    keypairs: 1,
    "security groups": 2,
    "server groups": 1,
    "floating IPs": 1,
  };
  refuseUnless(nothing(added(made, before)), `gone: ${describe(added(made, before))}`);
  for (const kind of kinds.filter((each) => each !== "rules")) {
    const wanted = { volumes: 0, ...usual, ...variant.makes }[kind];
    refuseUnless(news[kind].length === wanted, `${news[kind].length} new ${kind}, expected ${wanted}`);
  }
  refuseUnless(changes.update + changes.delete + changes.replace === 0, `it reports ${JSON.stringify(changes)}`);
  const given = fields["cluster.floating_ip"];
  refuseUnless(given === undefined || given === master_public_ip, `the master is at ${master_public_ip}`);
  const wrong = variant.rules?.(news.rules);
  refuseUnless(wrong === undefined, wrong ?? "");
  return made;
}

const Status = z.object({
  state: z.string(),
  drift: z.array(z.string()),
  worker_count: z.number(),
  cluster_name: z.string(),
});

async function status({ hailstack, env, cluster }: Life): Promise<void> {
  const told = Status.parse(JSON.parse(await hailstack.run(env, "status", "--json")));
  const wanted: z.infer<typeof Status> = { state: "ready", drift: [], worker_count: workers, cluster_name: cluster };
  refuseUnless(JSON.stringify(told) === JSON.stringify(wanted), `status is ${JSON.stringify(told)}`);
}

/** The same command again: nothing of the cloud or the bucket may change. */
export async function sameAgain({ hailstack, env, project, bucket }: Life, made: Inventory): Promise<void> {
  const stored = JSON.stringify(await bucket.etags());
  const { changes } = await hailstack.create(env);
  refuseUnless(
    Object.values(changes).every((count) => count === 0),
    `it reports ${JSON.stringify(changes)}`,
  );
  const after = await project.inventory();
  refuseUnless(nothing(added(made, after)), `new: ${describe(added(made, after))}`);
  refuseUnless(nothing(added(after, made)), `gone: ${describe(added(after, made))}`);
  refuseUnless(touched(made, after).length === 0, `written to: ${touched(made, after).join("; ")}`);
  refuseUnless(JSON.stringify(await bucket.etags()) === stored, "the state bucket was written to");
}

async function grow(life: Growing, made: Inventory): Promise<void> {
  const { hailstack, env, project, fields, cluster, variant } = life;
  hailstack.configure({ ...fields, "cluster.num_workers": workers + 1 });
  const { changes } = await hailstack.create(env);
  const after = await project.inventory();
  const { networks = 1 } = variant;
  const news = added(made, after);
  const onlyOneWorker =
    news.servers.length === 1 &&
    news.servers[0]?.name === `${cluster}-worker-0${workers + 1}` &&
    news.ports.length === networks &&
    count(news) === 1 + networks;
  refuseUnless(onlyOneWorker, `new: ${describe(news)}`);
  refuseUnless(changes.create === 1 + networks, `it reports ${JSON.stringify(changes)}`);
  refuseUnless(nothing(added(after, made)), `gone: ${describe(added(after, made))}`);
  refuseUnless(touched(made, after).length === 0, `written to: ${touched(made, after).join("; ")}`);
}

async function shrink({ hailstack, env, project, fields }: Growing, made: Inventory): Promise<void> {
  hailstack.configure(fields);
  await hailstack.create(env, "--yes");
  const after = await project.inventory();
  refuseUnless(nothing(added(made, after)), `left of the worker: ${describe(added(made, after))}`);
  refuseUnless(nothing(added(after, made)), `gone with it: ${describe(added(after, made))}`);
  refuseUnless(touched(made, after).length === 0, `written to: ${touched(made, after).join("; ")}`);
}

/** Removes the cluster; `before` is what the project held when there was none. */
export async function destroy({ hailstack, env, project, variant, cluster }: Life, before: Inventory): Promise<void> {
  await hailstack.run(env, "destroy", "--yes", cluster);
  const after = await project.inventory();
  const left = added(before, after);
  const kept = variant.keeps ? left[variant.keeps] : [];
  if (variant.keeps) {
    refuseUnless(kept.length === 1 && kept[0]?.status === "available", `kept: ${JSON.stringify(kept)}`);
  }
  refuseUnless(count(left) === kept.length, `left behind: ${describe(left)}`);
  refuseUnless(nothing(added(after, before)), `gone that was not the cluster's: ${describe(added(after, before))}`);
  refuseUnless(misused(before, after).length === 0, `not as before: ${misused(before, after).join("; ")}`);
}

const count = (difference: Difference): number => kinds.reduce((sum, kind: Kind) => sum + difference[kind].length, 0);
export const nothing = (difference: Difference): boolean => count(difference) === 0;

export function refuseUnless(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}
