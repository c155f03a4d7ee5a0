/** `hailstack bundle list`: one line a bundle. */
import type { Bundle } from "../config/bundles.ts";
import type { World } from "../world.ts";
import { openBundles, type BundleOptions } from "./open-bundles.ts";

const columns = ["id", "hail", "spark", "hadoop", "java", "python", "gnomad", "status"] as const;

export async function listBundles(world: World, { json, ...options }: BundleOptions): Promise<void> {
  const { terminal } = world;
  const { bundles } = await openBundles(world, options);
  const isDefault = ({ id }: Bundle): boolean => id === bundles.default;
  const entries = bundles.all.map((bundle) => ({
    ...Object.fromEntries(columns.map((column) => [column, bundle[column]])),
    default: isDefault(bundle),
  }));
  const rows = bundles.all.map((bundle) =>
    columns.map((column) => bundle[column] + (column === "status" && isDefault(bundle) ? ", default" : "")),
  );
  const header = columns.map((column) => column.toUpperCase());
  terminal.print(json ? JSON.stringify({ default: bundles.default, bundles: entries }) : terminal.table(rows, header));
}
