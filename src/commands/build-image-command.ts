/** The flags of `hailstack build-image`; what it does is in build-image.ts. */
import { Command } from "commander";
import type { World } from "../world.ts";
import { openConfig, type ConfigOptions } from "./open-config.ts";
import { minutes } from "./options.ts";

export type BuildImageOptions = ConfigOptions & { bundle?: string; replace?: true; timeout: number };

export const buildImageCommand = (world: World) =>
  new Command("build-image")
    .requiredOption("--config <file>", "cluster TOML file")
    .option("--bundle <id>", "bundle to build an image of; without it cluster.bundle, else the default bundle")
    .option("--dotenv <file>", "read variables from this file first")
    .option("--replace", "when an image of the bundle is there, put it aside once the new one has passed its tests")
    .option("--timeout <minutes>", "stop, as Ctrl-C would, after this long", minutes, 240)
    .option("--json", "print events as lines of JSON; the last one is the result")
    .action(async (options: BuildImageOptions) => {
      const loaded = await openConfig(world, options, ["bundle", "packer", "state"]);
      // The larger part of the program, which a mistake in the file need not wait for.
      const { buildImage } = await import("./build-image.ts");
      await buildImage(world, loaded, options);
    });
