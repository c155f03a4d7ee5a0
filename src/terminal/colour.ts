/** Whether a stream gets colours, and the colours. */
import { styleText } from "node:util";
import type { Env } from "../world.ts";

type Style = "red" | "green" | "yellow" | "cyan" | "bold" | "dim";
/** `text` in `style`, or as it is where there are no colours. */
export type Paint = (style: Style, text: string) => string;

/** FORCE_COLOR decides when it is set (`0` and `false` mean no); else NO_COLOR, TERM=dumb, and not being a terminal. */
export function wantsColour(env: Env, isTerminal: boolean): boolean {
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return isTerminal && !env["NO_COLOR"] && env["TERM"] !== "dumb";
}

/** `styleText` would ask this process's own stdout and environment; the question was answered by wantsColour. */
export function openPaint(colours: boolean): Paint {
  return colours ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text;
}
