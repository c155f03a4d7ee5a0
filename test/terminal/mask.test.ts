import { expect, test } from "vitest";
import { createMask } from "../../src/terminal/mask.ts";
import { randomFrom } from "./random.ts";

function masking(...secrets: string[]) {
  const mask = createMask();
  mask.add(secrets);
  return mask.apply;
}

const base64 = (before: string, secret: string, after: string) =>
  Buffer.from(before + secret + after).toString("base64");

/** Each spells a secret as some tool does; none uses the code under test. */
const encoders: Readonly<Record<string, (secret: string) => string>> = {
  raw: (secret) => secret,
  "base64 at offset 0": (secret) => base64("", secret, "tail"),
  "base64 at offset 1": (secret) => base64("x", secret, "tail"),
  "base64 at offset 2": (secret) => base64("u:", secret, "tail"),
  "base64 at the end": (secret) => base64("user:", secret, ""),
  "base64url at offset 1": (secret) => Buffer.from(`~${secret}?`).toString("base64url"),
  hex: (secret) => Buffer.from(secret).toString("hex"),
  "hex in capitals": (secret) => Buffer.from(secret).toString("hex").toUpperCase(),
  "URL component": (secret) => encodeURIComponent(secret),
  "every byte as %XX": (secret) =>
    [...Buffer.from(secret)]
      .map((byte) => (/[\w.~-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : percent(byte)))
      .join(""),
  "URL password": (secret) => new URL(`http://u:${encodeURIComponent(secret)}@h/`).password,
  form: (secret) => new URLSearchParams({ key: secret }).toString().slice("key=".length),
  JSON: (secret) => JSON.stringify(secret),
  "JSON in JSON": (secret) => JSON.stringify(JSON.stringify(secret)),
  "JSON in ASCII": (secret) =>
    JSON.stringify(secret).replaceAll(/[^ -~]/g, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`),
  "JSON for HTML": (secret) =>
    JSON.stringify(secret).replaceAll("<", "\\u003c").replaceAll(">", "\\u003e").replaceAll("&", "\\u0026"),
  "single shell quotes": (secret) => `'${secret.split("'").join("'\\''")}'`,
  "Python's shell quotes": (secret) => `'${secret.split("'").join(`'"'"'`)}'`,
  "double shell quotes": (secret) => `"${secret.replaceAll(/[\\"$`]/g, "\\$&")}"`,
  XML: (secret) => markup(secret, "&quot;", "&apos;"),
  "Python's HTML": (secret) => markup(secret, "&quot;", "&#x27;"),
  "Go's HTML": (secret) => markup(secret, "&#34;", "&#39;"),
  "XML text": (secret) => markup(secret, '"', "'"),
  "single YAML quotes": (secret) => `'${secret.replaceAll("'", "''")}'`,
};

const percent = (byte: number) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
const markup = (text: string, quote: string, apostrophe: string) =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', quote)
    .replaceAll("'", apostrophe);

const seed = Date.now() % 1_000_000;
const alphabets = ["abcdefghijklmnopqrstuvwxyz0123456789", "aB3$'\"\\&<>%+/ !#;{}`~|=()*?", "pässwörd€λ漢字-_.😀x"];

/** A base64 text keeps its neighbours; of every other spelling at most the quotes around it are left. */
const masked = (name: string) =>
  name.startsWith("base64") ? /^before \S*\*\*\*\S* after$/ : /^before ["'\\]*\*\*\*["'\\]* after$/;

test.for(Object.keys(encoders))(`nothing of a secret is left when it is spelt as %s (seed ${seed})`, (name) => {
  const random = randomFrom(seed);
  for (let round = 0; round < 150; round += 1) {
    const alphabet = alphabets[round % alphabets.length] ?? "";
    const secret = random.pick(alphabet, 4 + random.below(40)).toWellFormed();
    const spelt = encoders[name]?.(secret) ?? "";

    expect(masking(secret, random.pick("mnop", 8))(`before ${spelt} after`)).toMatch(masked(name));
  }
});

test.for([0, 1, 2, 3, 4, 5])(
  "after %i bytes, every base64 character with a bit of the secret goes, no other",
  (bytes) => {
    for (const secret of ["hunt", "hunte", "hunter", "hunter22"]) {
      const encoded = base64("user:".slice(0, bytes), secret, " and more");
      const before = encoded.slice(0, Math.floor((8 * bytes) / 6));
      const after = encoded.slice(Math.ceil((8 * (bytes + secret.length)) / 6));

      expect(masking(secret)(encoded)).toBe(`${before}***${after}`);
    }
  },
);

test("overlapping secrets leave no rest of either", () => {
  expect(masking("abcdef", "defghi")("xx abcdefghi yy")).toBe("xx *** yy");
});

test("a secret that overlaps itself is masked to its last character", () => {
  expect(masking("abab")("xx ababab yy")).toBe("xx *** yy");
});

test("a secret is masked also as the cleaner leaves it, and without the spaces around it", () => {
  expect(masking("\u001B[1mpass\tword")("is pass  word")).toBe("is ***");
  expect(masking("two\n lines")("is two lines")).toBe("is ***");
  expect(masking("  padded  ")("is padded.")).toBe("is ***.");
});

test("a secret within a secret and one beside another become one mask", () => {
  const apply = masking("password", "pass", "word!");

  expect(apply("passwordpassword! pass")).toBe("*** ***");
});

test("a key of several lines is masked line by line, as well as whole", () => {
  const apply = masking("-----BEGIN KEY-----\r\nMIIEvQIB\nADANBgkq\n-----END KEY-----\n");

  expect(apply("line 2 is MIIEvQIB, line 3 is ADANBgkq")).toBe("line 2 is ***, line 3 is ***");
});

test("a value that ended in a line break is masked where it is printed without one", () => {
  expect(masking("s3cret-value\n")("key=s3cret-value;")).toBe("key=***;");
});

test("secrets of fewer than four characters are left alone, for they would shred every line", () => {
  expect(masking("", "no", "abc")("no abc here")).toBe("no abc here");
});

test("secrets that are added later are masked from then on", () => {
  const mask = createMask();
  expect(mask.apply("token-1234")).toBe("token-1234");

  mask.add(["token-1234"]);

  expect(mask.apply("token-1234")).toBe("***");
});

test("text without a secret comes back as it was", () => {
  const text = "hailstack: create c1 123456 – done\n";
  expect(masking("hunter22", "pässwörd")(text)).toBe(text);
});
