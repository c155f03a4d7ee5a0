/**
 * Ids, addresses and chances that look random and are the same in every run with the same seed. They depend on what
 * they are for (`server c1-master`), not on the order of calls, because parallel callers come in any order.
 */
import { createHash } from "node:crypto";

export class Seed {
  readonly #seed: string;
  readonly #counts = new Map<string, number>();

  constructor(seed: number | string) {
    this.#seed = String(seed);
  }

  /** 32 hexadecimal digits; the second call for the same thing gives other ones. */
  hex(kind: string, label: string): string {
    return this.#next(`${kind} ${label}`).slice(0, 32);
  }

  /** A random-looking UUID, version 4. */
  uuid(kind: string, label: string): string {
    const hex = this.hex(kind, label);
    const parts = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20)];
    return parts.join("-");
  }

  /** A number in [0, 1). */
  fraction(kind: string, label: string): number {
    return Number.parseInt(this.#next(`${kind} ${label}`).slice(0, 12), 16) / 2 ** 48;
  }

  #next(what: string): string {
    const count = (this.#counts.get(what) ?? 0) + 1;
    this.#counts.set(what, count);
    return createHash("sha256").update(`${this.#seed} ${what} ${count}`).digest("hex");
  }
}
