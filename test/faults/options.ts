/** The command line of the fault runs. */
import { parseArgs } from "node:util";

export type Options = {
  seed: string;
  /** Kinds to play; all when empty. */
  only: string[];
  /** Part of the title of each case that is played, as a regular expression. */
  match: RegExp;
  /** At most so many of each kind. */
  cases: number;
  /** Exactly this one of each kind that is played. */
  number: number | undefined;
  jobs: number;
  /** Where the summary goes, besides the output. */
  json: string | undefined;
};

/** @throws TypeError for a flag that is not known */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: "string", default: "1" },
      only: { type: "string", default: "" },
      match: { type: "string", default: "" },
      cases: { type: "string" },
      case: { type: "string" },
      jobs: { type: "string", default: "2" },
      json: { type: "string" },
    },
  });
  return {
    seed: values.seed,
    only: values.only.split(",").filter(Boolean),
    match: new RegExp(values.match),
    cases: values.cases === undefined ? Infinity : Number(values.cases),
    number: values.case === undefined ? undefined : Number(values.case),
    jobs: Number(values.jobs),
    json: values.json,
  };
}
