/** `create` of 20 workers on a real cloud, beside a script that only makes the calls. */
import { performance } from "node:perf_hooks";
import { createByCalls } from "../bare-calls.ts";
import { emptyProject } from "../empty-project.ts";
import { labFields, openLabPlace, type LabPlace } from "../lab-place.ts";
import type { Measured, Row } from "../row.ts";
import { startS3Meter } from "../s3-meter.ts";
import { openScene } from "../scene.ts";
import { duration, sideBySide, type Timing } from "../side-by-side.ts";
import { requireCode } from "../timed.ts";
import { whereItGoes } from "../where-it-goes.ts";
import { plannedFor } from "../planned.ts";

const fields = { ...labFields, "cluster.num_workers": 20 };

export const create20Lab: Row = {
  name: "create20-lab",
  title: "`create` of 20 workers beside a script that makes the same calls, 16 at once, and polls as the provider does",
  lab: true,
  async measure(): Promise<Measured> {
    const place = await openLabPlace();
    try {
      const compared = await sideBySide(
        3,
        () => byHailstack(place),
        () => byCalls(place),
      );
      return {
        figures: [{ what: "create of 20 workers", value: compared.ratio, unit: "×", atMost: 1.5 }],
        notes: [
          `hailstack ${duration(compared.a)}, calls alone ${duration(compared.b)}; ${compared.pairs}`,
          ...(compared.runs.at(-1)?.a.notes ?? []),
        ],
      };
    } finally {
      await emptyProject(place.session);
      await place.close();
    }
  },
};

/** A cluster of its own, destroyed again; its way to the store is metered. */
async function byHailstack(place: LabPlace): Promise<Timing & { notes: string[] }> {
  const meter = await startS3Meter(place.bucket.endpoint);
  const scene = openScene({ ...place, bucket: { ...place.bucket, endpoint: meter.endpoint } }, fields);
  try {
    const ran = requireCode(await scene.hailstack("create", ["--json"]));
    const notes = whereItGoes(ran, meter.requests);
    requireCode(await scene.hailstack("destroy", ["--yes", "c1"]));
    return { ms: ran.ms, notes };
  } finally {
    scene.close();
    await meter.stop();
  }
}

async function byCalls(place: LabPlace): Promise<Timing> {
  const scene = openScene(place, fields);
  const wanted = await plannedFor(scene);
  scene.close();
  const started = performance.now();
  await createByCalls(place.session, { ...wanted, imageId: place.imageId, pool: "public" });
  const ms = performance.now() - started;
  await emptyProject(place.session);
  return { ms };
}
