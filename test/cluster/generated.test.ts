import { expect, test } from "vitest";
import { ensureGenerated, generatedKey, generatedSecrets, readGenerated } from "../../src/cluster/generated.ts";
import { Exit } from "../../src/errors.ts";
import { bucketOf } from "../support/memory-bucket.ts";

const passphrase = "correct horse battery staple";

test("they are made once, and read back the same", async () => {
  const bucket = bucketOf({});
  const made = await ensureGenerated(bucket, "c1", passphrase);
  expect(await ensureGenerated(bucket, "c1", passphrase)).toEqual(made);
  expect(await readGenerated(bucket, "c1", passphrase)).toEqual(made);
  expect(await readGenerated(bucket, "c2", passphrase)).toBeUndefined();
});

test("two clusters share none of them", async () => {
  const bucket = bucketOf({});
  const [one, other] = [
    await ensureGenerated(bucket, "c1", passphrase),
    await ensureGenerated(bucket, "c2", passphrase),
  ];
  const values = [one, other].flatMap(({ web_salts, ...secrets }) => [
    ...Object.values(web_salts),
    ...Object.values(secrets),
  ]);
  expect(new Set(values).size).toBe(values.length);
});

test("of two runs at once, both get those of the first", async () => {
  const bucket = bucketOf({});
  const [one, other] = await Promise.all([
    ensureGenerated(bucket, "c1", passphrase),
    ensureGenerated(bucket, "c1", passphrase),
  ]);
  expect(one).toEqual(other);
});

test("the bucket shows none of them", async () => {
  const bucket = bucketOf({});
  const made = await ensureGenerated(bucket, "c1", passphrase);
  const stored = bucket.text(generatedKey("c1"));
  const whole = Buffer.concat(stored.split(":").map((part) => Buffer.from(part, "base64"))).toString("latin1");
  for (const secret of generatedSecrets(made)) expect(`${stored}${whole}`).not.toContain(secret);
});

const flipped = (text: string): string => {
  const at = text.length - 8;
  return text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);
};
test.for<[string, (stored: string) => string, string]>([
  ["another passphrase", (stored) => stored, "another"],
  ["a bit that flipped", flipped, passphrase],
  ["a part that is missing", (stored) => stored.slice(0, 40), passphrase],
  ["nothing in it", () => "", passphrase],
  ["another form", (stored) => stored.replace("v1", "v2"), passphrase],
])("%s is told, and nothing is made anew over it", async ([, damage, used]) => {
  const bucket = bucketOf({});
  await ensureGenerated(bucket, "c1", passphrase);
  const stored = damage(bucket.text(generatedKey("c1")));
  await bucket.put(generatedKey("c1"), stored);
  await expect(ensureGenerated(bucket, "c1", used)).rejects.toMatchObject({
    exitCode: Exit.state,
    problems: [{ slug: "generated-unreadable", where: generatedKey("c1") }],
  });
  expect(bucket.text(generatedKey("c1"))).toBe(stored);
});
