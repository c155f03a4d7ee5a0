/** What the live, the plain and the JSON printer have in common. */
import type { Progress } from "../world.ts";

/** Shows one run's stream of events. What it is given is masked; for people it is also clean (clean.ts). */
export type Printer = {
  show(progress: Progress): void;
  /** One paragraph of the answer. */
  answer(text: string): void;
  /** The answer for machines. */
  result(value: Readonly<Record<string, unknown>>): void;
  /** Leaves the last line of the screen to somebody else, such as a prompt, until resume(). */
  suspend(): void;
  resume(): void;
};
