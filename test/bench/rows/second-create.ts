/** What an unchanged second `create` takes of the first one's time, and that it writes nothing to the cloud. */
import { isWrite } from "../cloud-apart.ts";
import { labDriver, labFields, openLabPlace } from "../lab-place.ts";
import type { Measured, Row } from "../row.ts";
import { openScene, type Scene } from "../scene.ts";
import { duration } from "../side-by-side.ts";
import { withSimulated } from "../simulated-place.ts";
import { requireCode } from "../timed.ts";

const workers = 10;

export const secondCreate: Row = {
  name: "second-create",
  title: `an unchanged second \`create\` of ${workers} workers as a share of the first`,
  async measure() {
    const simulated = await onSimulated();
    if (labDriver() !== "fake") return simulated;
    const lab = await onLab();
    return { figures: [...simulated.figures, ...lab.figures], notes: [...simulated.notes, ...lab.notes] };
  },
};

type Both = Measured & { notes: string[] };

/** Writes only: how long the first one takes there is what we tell that cloud, so a share of it says nothing. */
const onSimulated = (): Promise<Both> =>
  withSimulated(async (open) => {
    const place = await open();
    const scene = openScene(place, { "cluster.num_workers": workers });
    try {
      const times = await twice(scene, () => place.cloud.journal());
      const writes = times.between.filter(isWrite).length;
      return {
        figures: [{ what: "writes to the cloud by the second", value: writes, unit: "", atMost: 0 }],
        notes: [described("simulated cloud", times)],
      };
    } finally {
      scene.close();
    }
  });

async function onLab(): Promise<Both> {
  const place = await openLabPlace();
  const scene = openScene(place, { ...labFields, "cluster.num_workers": workers });
  try {
    const times = await twice(scene, async () => []);
    requireCode(await scene.hailstack("destroy", ["--yes", "c1"]));
    const share = (100 * times.second) / times.first;
    return {
      figures: [{ what: "second create, lab", value: share, unit: " %", atMost: 25 }],
      notes: [described("lab", times)],
    };
  } finally {
    scene.close();
    await place.close();
  }
}

type Twice<T> = { first: number; second: number; between: T[] };

/** Times in ms, and what the journal gained during the second. */
async function twice<T>(scene: Scene, journal: () => Promise<T[]>): Promise<Twice<T>> {
  const first = requireCode(await scene.hailstack("create"));
  const before = await journal();
  const second = requireCode(await scene.hailstack("create"));
  return { first: first.ms, second: second.ms, between: (await journal()).slice(before.length) };
}

const described = (where: string, { first, second }: Twice<unknown>): string =>
  `${where}: first ${duration(first)}, second ${duration(second)}`;
