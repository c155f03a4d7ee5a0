/** What hailstack adds: `create` of 20 workers beside the bare engine on a cloud that answers at once. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BareTask } from "../bare-program.ts";
import { plannedFor } from "../planned.ts";
import type { Measured, Row } from "../row.ts";
import { openScene } from "../scene.ts";
import { duration, sideBySide, type Timing } from "../side-by-side.ts";
import { withSimulated, type SimulatedPlace } from "../simulated-place.ts";
import { requireCode, timed } from "../timed.ts";
import { whereItGoes } from "../where-it-goes.ts";

const fields = { "cluster.num_workers": 20 };
const program = join(import.meta.dirname, "..", "bare-program.ts");

export const create20Simulated: Row = {
  name: "create20-simulated",
  title: "`create` of 20 workers beside the same resources through a bare inline program, simulated cloud",
  measure: () =>
    withSimulated(async (open): Promise<Measured> => {
      const compared = await sideBySide(
        5,
        async () => complete(await open(), byHailstack),
        async () => complete(await open(), byBareProgram),
      );
      return {
        figures: [{ what: "create of 20 workers", value: compared.ratio, unit: "×", atMost: 1.15 }],
        notes: [
          `hailstack ${duration(compared.a)}, bare program ${duration(compared.b)}; ${compared.pairs}`,
          ...(compared.runs.at(-1)?.a.notes ?? []),
        ],
      };
    }),
};

/** A run that made less would be no measure: the SDK ends with 0 after some failures. */
async function complete<T>(place: SimulatedPlace, run: (place: SimulatedPlace) => Promise<T>): Promise<T> {
  const ran = await run(place);
  const servers = (await place.cloud.journal()).filter(({ operation }) => operation === "compute.servers.create");
  if (servers.length !== 21) throw new Error(`${servers.length} servers were made, not 21`);
  return ran;
}

async function byHailstack(place: SimulatedPlace): Promise<Timing & { notes: string[] }> {
  const scene = openScene(place, fields);
  try {
    const ran = requireCode(await scene.hailstack("create", ["--json"]));
    return { ms: ran.ms, notes: whereItGoes(ran) };
  } finally {
    scene.close();
  }
}

async function byBareProgram(place: SimulatedPlace): Promise<Timing> {
  const scene = openScene(place, fields);
  const { endpoint, bucket, access_key, secret_key } = place.bucket;
  const task: BareTask = {
    ...(await plannedFor(scene)),
    lookup: await place.cloud.lookup(),
    pool: "public",
    backendUrl: `s3://${bucket}?endpoint=${encodeURIComponent(endpoint)}&region=us-east-1&s3ForcePathStyle=true`,
  };
  const file = join(scene.folder, "task.json");
  writeFileSync(file, JSON.stringify(task));
  const env = {
    ...scene.env,
    // The engine and its plugin, found as the documentation says.
    PATH: `${process.env.HAILSTACK_TOOLCHAIN ?? ""}:${process.env.PATH ?? ""}`,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    AWS_ACCESS_KEY_ID: access_key,
    AWS_SECRET_ACCESS_KEY: secret_key,
    AWS_REQUEST_CHECKSUM_CALCULATION: "when_required",
    AWS_RESPONSE_CHECKSUM_VALIDATION: "when_required",
  };
  try {
    return requireCode(await timed(process.execPath, [program, file], { env }));
  } finally {
    scene.close();
  }
}
