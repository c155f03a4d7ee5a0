/** `hailstack bundle`: what the bundles hold, and whether it can be had. */
import { Command } from "commander";
import type { World } from "../world.ts";
import { listBundles } from "./bundle-list.ts";
import { showBundle } from "./bundle-show.ts";
import { verifyBundles } from "./bundle-verify.ts";
import type { BundleOptions } from "./open-bundles.ts";

const config = ["--config <file>", "cluster TOML file, for its bundles_file, bundle and [packer]"] as const;
const dotenv = ["--dotenv <file>", "read variables from this file first"] as const;
const json = ["--json", "print the answer as one line of JSON"] as const;

export const bundleCommand = (world: World) =>
  new Command("bundle")
    .addCommand(
      new Command("list")
        .description("show every bundle: its versions and whether it is still to be used")
        .option(...config)
        .option(...dotenv)
        .option(...json)
        .action((options: BundleOptions) => listBundles(world, options)),
    )
    .addCommand(
      new Command("show")
        .description("show all that is in one bundle, and where it is downloaded from")
        .argument("[id]", "default: the bundle of the config, else the default one")
        .option(...config)
        .option(...dotenv)
        .option(...json)
        .action((id: string | undefined, options: BundleOptions) => showBundle(world, id, options)),
    )
    .addCommand(
      new Command("verify")
        .description("download every artefact of a bundle, and hold it to its checksum")
        .argument("[id]", "default: the bundle of the config, else the default one")
        .option("--all", "the artefacts of every bundle")
        .option(...config)
        .option(...dotenv)
        .option(...json)
        .action((id: string | undefined, options: BundleOptions & { all?: true }) => verifyBundles(world, id, options)),
    );
