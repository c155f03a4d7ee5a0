/** `hailstack image`: what there is of images, who has them, and which may go. */
import { Command } from "commander";
import type { World } from "../world.ts";
import { imageAcceptCommand } from "./image-accept.ts";
import { imageListCommand } from "./image-list.ts";
import { imagePruneCommand } from "./image-prune.ts";
import { imageShareCommand } from "./image-share.ts";

export const imageCommand = (world: World) =>
  new Command("image")
    .addCommand(withFile(imageListCommand(world), "any TOML file with the bucket's [ceph_s3]"))
    .addCommand(withFile(imageShareCommand(world), "TOML file whose bundle is meant when no image is named"))
    .addCommand(withFile(imageAcceptCommand(world), "TOML file whose bundle is meant when no image is named"))
    .addCommand(withFile(imagePruneCommand(world), "any TOML file with the bucket's [ceph_s3]"));

/** The options that all of them share. */
const withFile = (command: Command, meaning: string): Command =>
  command
    .option("--config <file>", meaning, "./hailstack.toml")
    .option("--dotenv <file>", "read variables from this file first")
    .option("--json", "print the answer as one line of JSON");
