/** Short forms for what preflight says. */
import type { Problem } from "../errors.ts";

export const problem = (slug: string, message: string, fix: string, where?: string): Problem =>
  where === undefined ? { slug, message, fix } : { slug, message, fix, where };

/** A few names are help, fifty are noise. */
export const near = (names: readonly string[]): string =>
  names.length === 0
    ? "(none)"
    : names.slice(0, 8).join(", ") + (names.length > 8 ? ` and ${names.length - 8} more` : "");
