/** Where one case plays: a rig with bystanders, runs that are watched, and the ways out that a user has. */
import { type Fields, type Ran, startRig } from "../support/rig.ts";
import type { Delays } from "../support/cloud/options.ts";
import { addBystanders } from "./bystanders.ts";
import { addedSince, disturbed, pictureOf } from "./picture.ts";
import { became, pause, processesOf, signal } from "./processes.ts";
import { brokenWords, slugs } from "./told.ts";

/** Every kind of resource there is, in a cluster that is made in seconds; a second worker repeats the first's requests. */
const fields: Fields = {
  "cluster.num_workers": 1,
  "cluster.spread": "on",
  "volumes.create": true,
  "volumes.size_gb": 10,
};

/** An engine that lost its command line gives up within this. */
const orphanLifeMs = 180_000;

export type SceneOptions = {
  s3Endpoint: string;
  seed: string;
  delays?: Delays;
  env?: Record<string, string>;
};
export type UnderWay = { pid: number; ended: Promise<Ran>; hasEnded(): boolean; stderr(): string };
export type Scene = Awaited<ReturnType<typeof openScene>>;

export async function openScene({ s3Endpoint, seed, delays, env }: SceneOptions) {
  const cloud = { seed, ...(delays ? { delays } : {}) };
  const rig = await startRig({ s3Endpoint, cloud, fields, ...(env ? { env } : {}) });
  addBystanders(rig.cloud);
  const before = pictureOf(rig.cloud);
  const broken: string[] = [];
  const log: string[] = [];
  const breaks = (what: string) => void broken.push(what);

  function start(command: string, ...args: string[]): UnderWay {
    const { child, ended } = rig.start(command, "--config", rig.config, "--dotenv", rig.dotenv, ...args);
    let [over, stderr] = [false, ""];
    child.stderr?.on("data", (data: Buffer) => (stderr += data.toString()));
    const leaked = (error: Error): Ran => {
      breaks(error.message);
      return { code: -1, signal: null, stdout: "", stderr: "" };
    };
    const watched = ended.catch(leaked).then((ran) => {
      over = true;
      log.push(`$ hailstack ${[command, ...args].join(" ")} -> ${ran.signal ?? ran.code}`, ran.stdout, ran.stderr);
      for (const words of brokenWords(ran)) breaks(`${command} ${words}`);
      for (const thing of disturbed(before, rig.cloud)) breaks(`${command} touched a bystander: ${thing}`);
      return ran;
    });
    return { pid: child.pid ?? 0, ended: watched, hasEnded: () => over, stderr: () => stderr };
  }

  async function run(command: string, ...args: string[]): Promise<Ran> {
    const ran = await start(command, ...args).ended;
    // Nobody but the rig, which has no patience with what hangs, kills these.
    if (ran.signal !== null) breaks(`${command} hangs`);
    return ran;
  }

  /** Runs a command, out of the way of a run that was cut off, as the messages tell a user to. */
  async function runUnlocked(command: string, ...args: string[]): Promise<Ran> {
    for (const end = Date.now() + orphanLifeMs; ;) {
      const ran = await run(command, ...args);
      const [slug] = slugs(ran);
      if (ran.code !== 4 || Date.now() > end) return ran;
      if (slug === "locked-abandoned") await run("unlock", "--yes");
      else if (slug === "locked") await pause(1_000);
      else return ran;
    }
  }

  const inBucket = async (prefix: string): Promise<string[]> =>
    Object.keys(await rig.objects.etags()).filter((key) => key.startsWith(prefix));

  return {
    rig,
    before,
    broken,
    log,
    breaks,
    start,
    run,
    runUnlocked,
    added: () => addedSince(before, rig.cloud),
    locks: () => inBucket(".pulumi/locks/"),
    stacks: async () => (await inBucket(".pulumi/stacks/")).filter((key) => key.endsWith(".json")),
    engines: () => processesOf(rig.folder).filter(({ program }) => program === "pulumi"),
    async close(): Promise<void> {
      // A plugin whose engine was killed may still be waiting for its cloud; it makes nothing any more.
      const alone = await became(() => processesOf(rig.folder).length === 0, 3_000);
      if (!alone) for (const { pid } of processesOf(rig.folder)) signal(pid, "SIGKILL");
      await rig.stop().catch((error: Error) => breaks(error.message));
    },
  };
}
