/** A search for secrets that finds nothing must be one that would have found them. */
import { expect, test } from "vitest";
import { canaries, leaks } from "./canaries.ts";

const { web } = canaries("0123456789");

test.for([
  { form: "text", text: `password is ${web}!` },
  { form: "json", text: JSON.stringify({ web }) },
  { form: "url", text: `https://host/?p=${encodeURIComponent(web)}` },
  { form: "url", text: new URLSearchParams({ web }).toString() },
  { form: "hex", text: Buffer.from(`x${web}y`).toString("hex") },
  ...["", "a", "ab", "abc"].map((before) => ({
    form: "base64",
    text: Buffer.from(`${before}${web}z`).toString("base64"),
  })),
  { form: "base64url", text: Buffer.from(web).toString("base64url") },
])("a secret is found as $form", ({ form, text }) => {
  expect(leaks(text, [web])).toContain(`${form} of ${web}`);
});

test("what holds none is clean", () => {
  expect(leaks("canary-web-0123456788 and *** and Y2FuYXJ5", [web])).toEqual([]);
});
