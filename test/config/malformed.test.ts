import { expect, test } from "vitest";
import { allCases, canary } from "./malformed-cases.ts";
import { marked, problemsOf } from "./world.ts";

test.for(allCases)("refuses a config where $when ($slug)", async ({ toml: text, slug, says, env = {}, needs = [] }) => {
  const { toml, at } = marked(text);
  const problems = await problemsOf({ toml, env, needs });
  const found = problems.find((problem) => problem.slug === slug && problem.message.includes(says));

  expect(problems.map((problem) => `${problem.where ?? ""} ${problem.slug}: ${problem.message}`)).toContainEqual(
    expect.stringContaining(`c.toml:${at} ${slug}: `),
  );
  expect(found).toMatchObject({ where: `c.toml:${at}`, fix: expect.stringMatching(/\S/) });
  expect(JSON.stringify(problems)).not.toContain(canary);
  for (const { message, fix } of problems) expect(`${message} ${fix}`).not.toMatch(/[\p{Cc}\u202e]|\n {2,}at /u);
});

test("the table has its 200 cases, each its own", () => {
  expect(new Set(allCases.map(({ toml, needs }) => JSON.stringify([toml, needs]))).size).toBeGreaterThanOrEqual(200);
});
