/** The check that both tables with `allowed_cidrs` share. */
import * as z from "zod/mini";

/** One or more ranges, each of them once; `fix` says what to do else. */
export const rangesOnce = (fix: string) =>
  z.refine<{ allowed_cidrs?: unknown }>(
    ({ allowed_cidrs: list }) => !Array.isArray(list) || (list.length > 0 && new Set(list).size === list.length),
    {
      path: ["allowed_cidrs"],
      params: { slug: "config-cidr-list", wanted: "one or more ranges, each of them once", fix },
      // Also where other fields are wrong, so that one run tells everything.
      when: ({ value }) => typeof value === "object" && value !== null,
    },
  );
