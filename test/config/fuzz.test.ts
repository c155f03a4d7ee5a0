import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { HailstackError } from "../../src/errors.ts";
import { canary } from "./malformed-cases.ts";
import { load, seeded } from "./world.ts";

const runs = 4000;
const example = readFileSync(new URL("../../example-config.toml", import.meta.url), "utf8");
const seed = Number(process.env["HAILSTACK_TEST_SEED"] ?? 20_251_121);

const pieces = [
  "[",
  "]",
  "{",
  "}",
  '"',
  "'",
  '"""',
  "=",
  ".",
  ",",
  "#",
  "\n",
  "\r",
  "\r\n",
  "\\",
  "$",
  "${",
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "[[x]]",
  "\u0000",
  "\ufeff",
  "\ud800",
  "1e999",
  "-0",
  "0x",
  "inf",
  "nan",
  "true",
  "1979-05-27T07:32:00Z",
  "9".repeat(40),
  "é",
  "😀",
  `"${canary}"`,
  "[cluster]",
  "hasOwnProperty = 1\n",
];

/** One to five cuts, doublings, swaps and insertions. */
function mutated(text: string, random: () => number): string {
  let result = text;
  const below = (limit: number): number => Math.floor(random() * limit);
  for (let count = below(5); count >= 0; count -= 1) {
    const start = below(result.length);
    const end = start + below(40);
    const cut = result.slice(start, end);
    const by = [
      cut.repeat(2),
      "",
      pieces[below(pieces.length)] ?? "",
      cut.split("").reverse().join(""),
      `${cut}${pieces[below(pieces.length)] ?? ""}`,
    ];
    result = result.slice(0, start) + (by[below(by.length)] ?? "") + result.slice(end);
  }
  return result;
}

const natives = () =>
  [Object.prototype, Array.prototype, String.prototype, Function.prototype, Object, Object.prototype.toString].map(
    (each) => Object.getOwnPropertyNames(each).join(),
  );

test(`${runs} damaged configs load or are refused, and leave nothing behind (seed ${seed})`, async () => {
  const random = seeded(seed);
  const before = natives();
  let refused = 0;
  const bad: string[] = [];
  for (let run = 0; run < runs; run += 1) {
    const toml = mutated(example, random);
    const env = { CEPH_S3_ACCESS_KEY: canary, CEPH_S3_SECRET_KEY: canary };
    const problems = await outcome(toml, env);
    if (problems !== "loaded") refused += 1;
    if (problems.includes(canary) || !/^loaded$|c\.toml:\d+:\d+/.test(problems)) bad.push(toml);
  }
  expect(bad).toEqual([]);
  expect(natives()).toEqual(before);
  expect(refused).toBeGreaterThan(runs / 2);
});

test("a megabyte of nonsense keys is answered with the first hundred", async () => {
  const toml = Array.from({ length: 60_000 }, (_, index) => `nonsense_${index} = 1\n`).join("");
  const problems: unknown = JSON.parse(await outcome(toml, {}));

  expect(problems).toHaveLength(101);
  expect(problems).toHaveProperty([100, "slug"], "config-more-problems");
});

async function outcome(toml: string, env: Record<string, string>): Promise<string> {
  try {
    await load({ toml, env, needs: ["state", "ssh_keys", "packer", "bundle"] });
    return "loaded";
  } catch (error) {
    // Anything else would be shown to the user as a bug of hailstack's.
    if (!(error instanceof HailstackError)) throw new Error(`on ${JSON.stringify(toml)}`, { cause: error });
    return JSON.stringify(error.problems);
  }
}
