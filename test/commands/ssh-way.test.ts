/** Whether the nodes can be reached is judged before anything is made. */
import { expect, test } from "vitest";
import { requireSshWay } from "../../src/commands/ssh-way.ts";
import { Exit } from "../../src/errors.ts";
import type { Env, Files } from "../../src/world.ts";
import { refusalOf } from "../support/errors.ts";
import { configOf, type Fields } from "../support/plans.ts";

const files = { exists: async (path: string) => path === "/home/a/key" } as Files;
const judge = (fields: Fields, env: Env, key?: string) => requireSshWay({ files }, configOf(fields), env, key);
const agent = { SSH_AUTH_SOCK: "/run/agent" };

test.for<[string, Env, string | undefined]>([
  ["an agent", agent, undefined],
  ["a key", {}, "/home/a/key"],
  ["both", agent, "/home/a/key"],
])("%s will do", async ([, env, key]) => {
  await expect(judge({}, env, key)).resolves.toBeUndefined();
});

test.for<[string, Fields, Env, string | undefined, string[]]>([
  ["neither key nor agent", {}, {}, undefined, ["ssh-no-key"]],
  ["a blank agent", {}, { SSH_AUTH_SOCK: "" }, undefined, ["ssh-no-key"]],
  ["a key that is not there", {}, agent, "/home/a/kye", ["ssh-key-missing"]],
  ["a closed port", { "security_groups.master.ssh": false }, agent, undefined, ["ssh-closed"]],
  ["everything", { "security_groups.master.ssh": false }, {}, undefined, ["ssh-closed", "ssh-no-key"]],
])("%s is told, all at once, with 2", async ([, fields, env, key, slugs]) => {
  const { exitCode, problems } = await refusalOf(judge(fields, env, key));
  expect([exitCode, problems.map(({ slug }) => slug)]).toEqual([Exit.usage, slugs]);
});
