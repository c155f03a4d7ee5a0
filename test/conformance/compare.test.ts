import { expect, test } from "vitest";
import { differencesOf } from "./compare.ts";
import { deviations, judge } from "./deviations.ts";

const answer = (body: unknown, status = 200) => ({ status, headers: { vary: "X-Auth-Token" }, body });

test.for([
  { when: "the status is another", simulated: answer({ id: "a" }, 201), path: "status" },
  { when: "a value is another", simulated: answer({ id: "b" }), path: "body.id" },
  { when: "a type is another", simulated: answer({ id: null }), path: "body.id" },
  { when: "a key is missing", simulated: answer({}), path: "body.id" },
  { when: "there is a key more", simulated: answer({ id: "a", name: "n" }), path: "body.name" },
  { when: "the answer is a list", simulated: answer(["a"]), path: "body" },
  { when: "a header is missing", simulated: { ...answer({ id: "a" }), headers: {} }, path: "headers.vary" },
])("two answers differ when $when", ({ simulated, path }) => {
  expect(differencesOf({ step: answer({ id: "a" }) }, { step: simulated })).toMatchObject([{ step: "step", path }]);
});

test("a step that only one of them has is a difference", () => {
  expect(differencesOf({ one: answer({}) }, {})).toMatchObject([{ step: "one", path: "" }]);
});

test("a difference nobody meant is told apart from a deviation, and a deviation that is gone is stale", () => {
  const meant = { step: "server: interfaces", path: "body.interfaceAttachments.0.port_state", real: 1, simulated: 2 };
  const unmeant = { step: "server: create", path: "status", real: 202, simulated: 200 };

  const verdict = judge([meant, unmeant]);
  expect(verdict.unmeant).toEqual([unmeant]);
  expect(verdict.stale).toHaveLength(deviations.length - 1);
});
