/** One output stream of the process: everything that is written passes the mask, and a closed stream harms nobody. */
import type { Mask } from "./mask.ts";

/** What is needed of `process.stdout` and `process.stderr`. */
export type OutputStream = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

export type Outlet = {
  /** Writes `text`, whole lines, masked. */
  write(text: string): void;
  /** Writes `value` as one line of JSON, masked in its strings so that it stays JSON. */
  writeJson(value: object): void;
};

/**
 * The reader may go away (`| head`, a closed terminal) while resources are being made, so after the first error the
 * rest is dropped and the operation goes on.
 */
export function openOutlet(stream: OutputStream, mask: Mask): Outlet {
  let open = true;
  stream.on("error", () => {
    open = false;
  });
  const send = (text: string) => {
    if (open && stream.writable) stream.write(text);
  };
  return {
    write: (text) => send(mask.apply(text)),
    writeJson: (value) => send(`${toJson(value, mask)}\n`),
  };
}

/** Keys are our own words and stay. A number can be a secret too; then it becomes a string. */
function maskLeaf(leaf: unknown, mask: Mask): unknown {
  if (typeof leaf !== "string" && typeof leaf !== "number") return leaf;
  const shown = mask.apply(String(leaf));
  return shown === String(leaf) ? leaf : shown;
}

/** JSON escapes C0 controls itself; the rest of what steers a terminal is escaped here, so nothing is lost. */
function toJson(value: object, mask: Mask): string {
  return JSON.stringify(value, (_, leaf: unknown) => maskLeaf(leaf, mask)).replaceAll(
    /[\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/g,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
