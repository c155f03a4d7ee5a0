/** What `--help` and `--version` cost beside starting node at all. */
import type { Figure, Row } from "../row.ts";
import { hostEnv, main } from "../scene.ts";
import { duration, sideBySide } from "../side-by-side.ts";
import { requireCode, timed } from "../timed.ts";

const pairs = 25;

export const help: Row = {
  name: "help",
  title: "`--help` and `--version` beside `node -e 0`",
  async measure() {
    const figures: Figure[] = [];
    const notes: string[] = [];
    for (const flag of ["--help", "--version"]) {
      const compared = await sideBySide(pairs, () => hailstack(flag), emptyNode);
      figures.push({ what: flag, value: compared.ratio, unit: "×", atMost: 1.3 });
      notes.push(`${flag} ${duration(compared.a)}, node -e 0 ${duration(compared.b)}; ${compared.pairs}`);
    }
    return { figures, notes };
  },
};

/** The same node, doing nothing. */
export const emptyNode = async () => requireCode(await timed(process.execPath, ["-e", "0"], { env: hostEnv() }));

async function hailstack(flag: string) {
  const ran = requireCode(await timed(process.execPath, [main, flag], { env: hostEnv() }));
  if (!ran.stdout.includes("hailstack")) throw new Error(`${flag} printed ${ran.stdout}`);
  return ran;
}
