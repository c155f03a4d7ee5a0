/** A folder with a config and its `.env`, and the command line run in it, on whatever cloud and bucket it is given. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BucketSettings } from "../../src/world.ts";
import { checkout } from "../support/checkout.ts";
import { toml, usualFields, type Fields } from "../support/rig-config.ts";
import { timed, type Timed, type TimedOptions } from "./timed.ts";

/** Another build than the checkout's, for those who change the sources meanwhile. */
export const main = process.env.HAILSTACK_TEST_MAIN ?? join(checkout, "dist/main.js");

export type Place = {
  /** `OS_*` variables. */
  cloudEnv: Readonly<Record<string, string>>;
  bucket: BucketSettings;
};

export type Scene = ReturnType<typeof openScene>;

/** `fields` over the usual ones; the folder is the home of all that runs in it. */
export function openScene({ cloudEnv, bucket }: Place, fields: Fields) {
  const folder = mkdtempSync(join(tmpdir(), "hailstack-bench-"));
  const [config, dotenv, temporary] = [join(folder, "cluster.toml"), join(folder, ".env"), join(folder, "tmp")];
  mkdirSync(temporary);
  writeFileSync(config, toml({ ...usualFields(bucket), ...fields }));
  writeFileSync(dotenv, dotenvText(bucket), { mode: 0o600 });
  const env: Record<string, string> = {
    ...hostEnv(),
    HOME: folder,
    TMPDIR: temporary,
    XDG_RUNTIME_DIR: folder,
    ...cloudEnv,
  };
  return {
    folder,
    config,
    dotenv,
    env,
    /** `hailstack <command>` with the scene's config and `.env`. */
    hailstack: (command: string, args: readonly string[] = [], more: Omit<TimedOptions, "env"> = {}): Promise<Timed> =>
      timed(process.execPath, [main, command, "--config", config, "--dotenv", dotenv, ...patience(command), ...args], {
        env,
        ...more,
      }),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** What any program needs of ours. */
export const hostEnv = (): Record<string, string> => ({
  PATH: process.env.PATH ?? "",
  HOME: process.env.HOME ?? "",
  HAILSTACK_TOOLCHAIN: process.env.HAILSTACK_TOOLCHAIN ?? "",
});

const dotenvText = ({ access_key, secret_key }: BucketSettings): string =>
  [
    "HAILSTACK_WEB_PASSWORD=not-a-real-password",
    "HAILSTACK_VOLUME_PASSWORD=not-a-real-passphrase",
    `CEPH_S3_ACCESS_KEY=${access_key}`,
    `CEPH_S3_SECRET_KEY=${secret_key}`,
    "",
  ].join("\n");

/** Servers of a bench never boot, so they never become a cluster. */
const patience = (command: string): string[] => (command === "create" ? ["--no-wait"] : []);
