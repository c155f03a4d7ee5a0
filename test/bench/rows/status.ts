/** How often `status` asks the bucket and the cloud. */
import type { Row } from "../row.ts";
import { startS3Meter } from "../s3-meter.ts";
import { openScene } from "../scene.ts";
import { duration } from "../side-by-side.ts";
import { withSimulated } from "../simulated-place.ts";
import { requireCode } from "../timed.ts";

export const status: Row = {
  name: "status",
  title: "requests of `status` for a cluster of 20 workers with a volume",
  measure: () =>
    withSimulated(async (open) => {
      const place = await open();
      const meter = await startS3Meter(place.bucket.endpoint);
      const metered = { ...place, bucket: { ...place.bucket, endpoint: meter.endpoint } };
      const scene = openScene(metered, { "cluster.num_workers": 20, "volumes.create": true, "volumes.size_gb": 10 });
      try {
        requireCode(await scene.hailstack("create"));
        const before = { bucket: meter.requests.length, cloud: (await place.cloud.journal()).length };
        const { ms, stdout } = requireCode(await scene.hailstack("status", ["--json"]));
        if (!stdout.includes("worker-20")) throw new Error(`worker-20 is not in ${stdout}`);
        const toCloud = (await place.cloud.journal()).slice(before.cloud);
        return {
          figures: [
            { what: "requests to the bucket", value: meter.requests.length - before.bucket, unit: "", atMost: 3 },
            { what: "requests to the cloud", value: toCloud.length, unit: "", atMost: 5 },
          ],
          notes: [`${duration(ms)}; to the cloud: ${toCloud.map(({ operation }) => operation).join(", ")}`],
        };
      } finally {
        scene.close();
        await meter.stop();
      }
    }),
};
