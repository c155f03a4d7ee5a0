/** `hailstack init`: a commented config for the cloud that the credentials reach, for the user to finish. */
import { Command } from "commander";
import { draftConfig } from "../config/init.ts";
import { clusterName } from "../config/rules.ts";
import { Exit, failure } from "../errors.ts";
import type { World } from "../world.ts";
import { findCredentials } from "./credentials.ts";
import { openEnvironment } from "./open-config.ts";

type InitOptions = { output: string; name: string; dotenv?: string };

export const initCommand = (world: World) =>
  new Command("init")
    .option("--output <file>", "where to write it; never over an existing file", "hailstack.toml")
    .option("--name <cluster>", "the cluster's name", "my-cluster")
    .option("--dotenv <file>", "read variables from this file first")
    .action((options: InitOptions) => init(world, options));

async function init(world: World, { output, name, dotenv }: InitOptions): Promise<void> {
  const { terminal, files } = world;
  checkName(name);
  // Said before the cloud is asked; writeNew says it again to whoever was quicker.
  if (await files.exists(output)) throw taken(output);
  const credentials = await findCredentials(world, await openEnvironment(world, dotenv));
  const found = await terminal.stage("looking at the cloud", async (detail) => {
    const cloud = await world.openCloud(credentials);
    detail(`${cloud.identity.user} in project ${cloud.identity.project}`);
    const [flavours, networks, keypairs] = await Promise.all([cloud.flavours(), cloud.networks(), cloud.keypairs()]);
    return { flavours, networks, keypairs };
  });
  const text = draftConfig(await world.asset("example-config.toml"), { name, ...found });
  await files.writeNew(output, text, 0o644);
  terminal.print(`${output} written. Fill in [ceph_s3], then: hailstack create --config ${output} --dry-run`);
}

/** What every command would refuse later. @throws HailstackError (2) */
function checkName(name: string): void {
  const fault = clusterName.fault(name);
  if (fault === undefined) return;
  const message = `--name ${JSON.stringify(name)} must be ${clusterName.wanted}: ${fault}`;
  throw failure(Exit.usage, clusterName.slug, message, "pass another --name");
}

const taken = (output: string) =>
  failure(
    Exit.usage,
    "file-exists",
    "there is a file already, and it is not overwritten",
    "pass another --output, or move it away",
    {
      where: output,
    },
  );
