/** What preflight takes beside the same questions asked through the `openstack` program. */
import { openLabPlace, labFields } from "../lab-place.ts";
import type { Measured, Row } from "../row.ts";
import { hostEnv, openScene, type Scene } from "../scene.ts";
import { duration, sideBySide, type Timing } from "../side-by-side.ts";
import { requireCode, timed } from "../timed.ts";
import { bundleId } from "../../support/rig-config.ts";

/** The eight questions of the reference figures; preflight asks these and eight more. */
const questions: readonly (readonly string[])[] = [
  ["image", "show", `hailstack-${bundleId}`],
  ["flavor", "show", "m2.tiny"],
  ["flavor", "show", "m2.small"],
  ["network", "show", "cloudforms_network"],
  ["floating", "ip", "list"],
  ["volume", "list"],
  ["keypair", "list"],
  ["limits", "show", "--absolute"],
];

export const preflight: Row = {
  name: "preflight",
  title: "from the start of `create --dry-run` of 10 nodes until the cloud is judged, beside eight `openstack` calls",
  lab: true,
  async measure(): Promise<Measured> {
    const place = await openLabPlace();
    const scene = openScene(place, { ...labFields, "cluster.num_workers": 9, "cluster.worker_flavour": "m2.small" });
    try {
      const env = { ...hostEnv(), ...place.cloudEnv };
      const compared = await sideBySide(
        3,
        () => openstackProgram(env),
        () => untilJudged(scene),
      );
      const alone = compared.runs.map(({ b }) => duration(b.readMs)).join(", ");
      return {
        figures: [{ what: "times faster", value: compared.ratio, unit: "×", atLeast: 10 }],
        notes: [
          `openstack program ${duration(compared.a)}, hailstack ${duration(compared.b)}; ${compared.pairs}`,
          `of that, the reads and the judgement: ${alone}; before them the start, the config, the login, the state`,
        ],
      };
    } finally {
      scene.close();
      await place.close();
    }
  },
};

async function openstackProgram(env: Record<string, string>): Promise<Timing> {
  let ms = 0;
  for (const question of questions) ms += requireCode(await timed("openstack", question, { env })).ms;
  return { ms };
}

/** The whole process from its start; the preview that follows is not preflight's. */
async function untilJudged(scene: Scene): Promise<Timing & { readMs: number }> {
  const { lines } = requireCode(await scene.hailstack("create", ["--dry-run", "--json"]));
  const at = (state: string) =>
    lines.find(({ text }) => text.includes('"checking the cloud"') && text.includes(`"${state}"`))?.ms ?? Number.NaN;
  return { ms: at("done"), readMs: at("done") - at("started") };
}
