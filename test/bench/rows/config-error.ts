/** How soon a mistake in the config is told: nothing is contacted for it. */
import type { Row } from "../row.ts";
import { openScene } from "../scene.ts";
import { duration, sideBySide } from "../side-by-side.ts";
import { requireCode } from "../timed.ts";
import { emptyNode } from "./help.ts";

const pairs = 25;
const nowhere = { endpoint: "http://127.0.0.1:9", bucket: "none", access_key: "none", secret_key: "none" };

export const configError: Row = {
  name: "config-error",
  title: "`create` with an unknown key and a wrong type in its config beside `node -e 0`",
  async measure() {
    const scene = openScene(
      { cloudEnv: {}, bucket: nowhere },
      { "cluster.num_workers": "three", "cluster.worker_flavor": "m2.small" },
    );
    try {
      const compared = await sideBySide(
        pairs,
        async () => {
          const ran = requireCode(await scene.hailstack("create"), 2);
          for (const slug of ["config-wrong-type", "config-unknown-key"]) {
            if (!ran.stderr.includes(slug)) throw new Error(`no ${slug} in ${ran.stderr}`);
          }
          return ran;
        },
        emptyNode,
      );
      return {
        figures: [{ what: "config error", value: compared.ratio, unit: "×", atMost: 2 }],
        notes: [`hailstack ${duration(compared.a)}, node -e 0 ${duration(compared.b)}; ${compared.pairs}`],
      };
    } finally {
      scene.close();
    }
  },
};
