/** The bundle of the tests, for clusters whose machines boot. */
import { join } from "node:path";
import { checkout } from "../support/checkout.ts";

export const bundle = "test-hail-0.2.137-r1";
/** How a config chooses it. */
export const bundleFields = {
  "cluster.bundle": bundle,
  "cluster.bundles_file": join(checkout, "test/bundle/bundles.toml"),
};
