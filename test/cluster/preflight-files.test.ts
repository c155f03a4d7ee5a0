import { expect, test } from "vitest";
import { fileProblems } from "../../src/cluster/preflight-files.ts";
import { inputsOf, type Fields } from "../support/plans.ts";

const s3 = { "s3.endpoint": "s3.example.org", "s3.access_key": "a", "s3.secret_key": "b" };
const volume = { "volumes.create": true };

test.for<[string, Fields, string | undefined]>([
  ["the usual", {}, undefined],
  ["a passphrase with every kind of character", volume, " $a'b\"c<&>\\ ü  "],
  ["keys of a data store", { ...s3, "s3.secret_key": "a+/&<>=" }, undefined],
])("%s is no trouble", ([, fields, passphrase]) => {
  expect(fileProblems(inputsOf(fields), passphrase)).toEqual([]);
});

test("a key that Hadoop would take for a variable is told before anything is made, and not shown", () => {
  const [problem, ...more] = fileProblems(inputsOf({ ...s3, "s3.secret_key": "CANARY${user.home}" }), undefined);
  expect(more).toEqual([]);
  expect(problem).toMatchObject({ slug: "value-unwritable", where: "c1-master" });
  expect(problem?.message).toContain("/etc/hadoop/conf/s3a.xml");
  expect(JSON.stringify(problem)).not.toContain("CANARY");
});
