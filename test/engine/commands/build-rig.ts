/** A project that has what a build of an image needs; its floating IPs are addresses of loopback. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, expect, vi } from "vitest";
import { canListen, startBuildServers } from "../../support/build-server/ssh.ts";
import type { CloudOptions } from "../../support/cloud/options.ts";
import { bundleId, readFile, type Rig, type RigOptions } from "../../support/rig.ts";
import { openRig, type Watched } from "./watched.ts";

export const image = `hailstack-${bundleId}`;
export const demo = { name: "demo", password: "canary-demos-password", projects: ["demo"] };

export type BuildRig = Awaited<ReturnType<typeof openBuildRig>>;

/** Nobody listens at the build server's address, unless a test does. */
export async function openBuildRig(cloud: CloudOptions = {}, options: Partial<RigOptions> = {}) {
  // Of a test's own, so that two at a time do not meet.
  const subnet = `127.${100 + Math.floor(Math.random() * 100)}.${Math.floor(Math.random() * 250)}`;
  const rig = await openRig({
    fields: { "packer.base_image": "debian-12", "packer.http_proxy": "$BUILD_PROXY" },
    ...options,
    cloud: {
      images: [{ name: "debian-12", properties: { architecture: "x86_64" } }],
      users: [demo],
      networks: [
        { name: "public", cidr: `${subnet}.0/24`, pool: [10, 12], external: true },
        { name: "cloudforms_network", cidr: "10.99.0.0/22", routed: true },
      ],
      ...cloud,
    },
  });
  const empty = rig.cloud.objects();
  return {
    ...rig,
    /** Every floating IP there can be. */
    addresses: [10, 11, 12].map((host) => `${subnet}.${host}`),
    /** What the cloud held before any build. */
    empty,
    /** Nothing of a build is anywhere: cloud, bucket, this run's folder, processes. */
    async expectNothingLeft(run: Watched): Promise<void> {
      expect([rig.cloud.objects(), run.stored]).toEqual([empty, []]);
      expect(runFolders(rig)).toEqual([]);
      await noProcesses(rig);
    },
    /** Resolves once no program of the toolchain runs that this rig has started. */
    noProcesses: () => noProcesses(rig),
    runFolders: () => runFolders(rig),
    /** A build under way; what it does to the cloud is in the journal, what it says in `said()`. */
    startBuild(...args: string[]) {
      const mark = rig.cloud.journal.length;
      const running = rig.start("build-image", "--config", rig.config, "--dotenv", rig.dotenv, ...args);
      let text = "";
      running.child.stderr?.on("data", (data: Buffer) => (text += data.toString()));
      const until = (check: () => void) => vi.waitFor(check, { timeout: 30_000, interval: 50 });
      return {
        ...running,
        /** Resolves when this is on stderr. */
        untilSaid: (words: string) => until(() => expect(text).toContain(words)),
        /** Resolves when the cloud is asked for this, by the name of the operation. */
        untilAsked: (operation: string) =>
          until(() => expect(rig.cloud.journal.slice(mark).map((entry) => entry.operation)).toContain(operation)),
      };
    },
  };
}

/**
 * As openBuildRig, with real SSH to its servers; `servers` is undefined where SSH's own port is not ours to listen on,
 * which most systems grant to root alone.
 */
export async function openSshRig(options: Partial<RigOptions> = {}) {
  const rig = await openBuildRig({ delays: { image: 1_000 } }, options);
  if (!(await canListen())) {
    process.stderr.write("tests of build-image are skipped: port 22 of loopback is not ours to listen on\n");
    return { rig, servers: undefined };
  }
  const servers = await startBuildServers(() => rig.cloud, rig.addresses, "ubuntu");
  afterAll(() => servers.stop());
  beforeEach(() => servers.behave({}));
  return { rig, servers };
}

/** Ids of the images that are, or were, published under the bundle's name. */
export const imageIds = ({ cloud }: Pick<Rig, "cloud">): string[] =>
  [...cloud.state.images.values()].filter(({ name }) => name.startsWith(image)).map(({ id }) => id);

/** Private folders of runs that are there. */
export function runFolders({ folder }: Pick<Rig, "folder">): string[] {
  const parent = join(folder, "hailstack");
  return existsSync(parent) ? readdirSync(parent) : [];
}

const noProcesses = (rig: Rig) =>
  vi.waitFor(() => expect(running(rig)).toEqual([]), { timeout: 20_000, interval: 100 });

/** Command lines of the toolchain's programs whose home is in the rig's folder. */
export function running({ folder }: Pick<Rig, "folder">): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => textOf(`/proc/${pid}/environ`).includes(`\0HOME=${folder}/hailstack/`))
    .map((pid) => textOf(`/proc/${pid}/cmdline`).replaceAll("\0", " "))
    .filter((line) => line.includes("packer"));
}

function textOf(path: string): string {
  try {
    return readFile(path);
  } catch {
    // It has ended.
    return "";
  }
}
