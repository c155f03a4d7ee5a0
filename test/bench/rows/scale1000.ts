/** Planning and previewing clusters as large as they come: time, memory, and calls that grow no faster than they. */
import type { Figure, Row } from "../row.ts";
import { openScene } from "../scene.ts";
import { duration } from "../side-by-side.ts";
import { withSimulated, type SimulatedPlace } from "../simulated-place.ts";
import { requireCode, type Timed } from "../timed.ts";

const sizes = [250, 500, 1000] as const;

export const scale1000: Row = {
  name: "scale1000",
  title: "plan and preview of 1,000 workers, simulated cloud",
  measure: () =>
    withSimulated(async (open) => {
      const runs: { workers: number; calls: number; ran: Timed }[] = [];
      for (const workers of sizes) runs.push({ workers, ...(await preview(await open(), workers)) });
      const [small, middle, large] = runs;
      if (!small || !middle || !large) throw new Error("three sizes were measured");
      const seconds = large.ran.ms / 1000;
      const { hailstack = Number.NaN, ...others } = large.ran.peakMib;
      // Linear: the second doubling adds no more than twice what the first one, half as large, added.
      const growth = (large.calls - middle.calls) / Math.max(1, 2 * (middle.calls - small.calls));
      const figures: Figure[] = [
        { what: "time for 1,000 workers", value: seconds, unit: " s", atMost: 60 },
        { what: "memory of hailstack", value: hailstack / 1024, unit: " GiB", atMost: 1.5e9 / 2 ** 30 },
        { what: "growth of the calls against linear", value: growth, unit: "×", atMost: 1 },
      ];
      return {
        figures,
        notes: [
          ...runs.map(
            ({ workers, calls, ran }) =>
              `${workers} workers: ${duration(ran.ms)}, ${calls} calls to the cloud, ${ran.peakMib.hailstack} MiB`,
          ),
          `memory of the others at 1,000: ${Object.entries(others)
            .map(([name, mib]) => `${name} ${mib} MiB`)
            .join(", ")}`,
        ],
      };
    }),
};

async function preview(place: SimulatedPlace, workers: number): Promise<{ calls: number; ran: Timed }> {
  const scene = openScene(place, { "cluster.num_workers": workers });
  try {
    const ran = requireCode(await scene.hailstack("create", ["--dry-run", "--json"], { watchMemory: true }));
    return { calls: (await place.cloud.journal()).length, ran };
  } finally {
    scene.close();
  }
}
