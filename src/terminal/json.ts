/** `--json`: every event is one line of JSON on stdout, with its time; people are not addressed. */
import type { Outlet } from "./outlet.ts";
import type { Printer } from "./printer.ts";

export function openJsonPrinter(stdout: Outlet): Printer {
  const line = (value: object) => stdout.writeJson({ time: new Date().toISOString(), ...value });
  return {
    show: line,
    answer() {},
    result: (value) => line({ event: "result", ...value }),
    suspend() {},
    resume() {},
  };
}
