/** Why Nova could not make the build server. Packer says only that it did not, and deletes it, and the reason with it. */
import { buildName } from "../cluster/builds.ts";
import { HailstackError } from "../errors.ts";
import type { Server } from "../world.ts";
import type { Build } from "./build-image.ts";

/** Packer itself looks every two seconds. */
const pauseMs = 500;

/** Adds Nova's reason to what `work` throws when the build server came to ERROR meanwhile. */
export async function withFault<T>(build: Pick<Build, "id" | "cloud">, work: () => Promise<T>): Promise<T> {
  const watch = watchServer(build);
  try {
    return await work();
  } catch (error) {
    const fault = await watch.fault();
    if (!(error instanceof HailstackError) || fault === undefined) throw error;
    const problems = error.problems.map((one) => ({ ...one, message: `${one.message}; Nova's reason: ${fault}` }));
    throw new HailstackError(error.exitCode, problems, { cause: error });
  } finally {
    watch.stop();
  }
}

/** Looks until the server runs or has failed. */
function watchServer({ id, cloud }: Pick<Build, "id" | "cloud">) {
  const name = buildName(id);
  let fault: string | undefined;
  let settled = false;
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    // What cannot be read now may be at the next look, and is no reason to end a build.
    const found: Server[] = await cloud.servers(name).catch(() => []);
    fault ??= found[0]?.fault;
    settled ||= found[0] !== undefined && found[0].status !== "BUILD";
  }
  let looking = Promise.resolve();
  function goOn(): void {
    if (settled) return;
    timer = setTimeout(() => (looking = look().then(goOn)), pauseMs).unref();
  }
  goOn();

  return {
    async fault(): Promise<string | undefined> {
      clearTimeout(timer);
      await looking;
      // A server takes its time to go, and keeps its reason until then.
      if (!settled) await look();
      return fault;
    },
    stop(): void {
      settled = true;
      clearTimeout(timer);
    },
  };
}
