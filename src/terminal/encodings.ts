/** The ways a secret is spelt once a tool has quoted, escaped or encoded it. */

/** What to look for, and how many characters at either end also hold some of the secret's bits. */
export type Spelling = { readonly text: string; readonly before: number; readonly after: number };

/**
 * `secret` as it is and as base64 (at all three offsets, both alphabets), hex, URL, JSON (also twice over, and as
 * Python and Go write it), POSIX shell, XML, HTML and YAML spell it. Each spelling once.
 */
export function spellingsOf(secret: string): Spelling[] {
  const texts = [secret, ...hex(secret), ...url(secret), ...json(secret), ...shell(secret), ...markup(secret)];
  texts.push(secret.replaceAll("'", "''"));
  const exact = [...new Set(texts)].map((text) => ({ text, before: 0, after: 0 }));
  return [...exact, ...base64(secret)];
}

/**
 * Inside a longer text, `shift` bytes after a multiple of three, base64 spells the secret as one run of characters
 * that depend on nothing else, and at either end perhaps one that it shares with its neighbours.
 */
function base64(secret: string): Spelling[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
    const endBit = 8 * (shift + bytes.length);
    const text = encoded.slice(Math.ceil((8 * shift) / 6), Math.floor(endBit / 6));
    const before = shift === 0 ? 0 : 1;
    const after = endBit % 6 === 0 ? 0 : 1;
    const urlSafe = text.replaceAll("+", "-").replaceAll("/", "_");
    return [...new Set([text, urlSafe])].map((spelling) => ({ text: spelling, before, after }));
  });
}

function hex(secret: string): string[] {
  const digits = Buffer.from(secret).toString("hex");
  return [digits, digits.toUpperCase()];
}

function url(secret: string): string[] {
  const component = encodeURIComponent(secret.toWellFormed());
  const strict = component.replaceAll(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
  const form = new URLSearchParams({ "": secret }).toString().slice(1);
  const spellings = [component, strict, form, strict.replaceAll("%20", "+"), strict.replaceAll("%2F", "/")];
  return [...spellings, ...spellings.map((text) => text.replaceAll(/%../g, (escape) => escape.toLowerCase()))];
}

function json(secret: string): string[] {
  const inner = (text: string) => JSON.stringify(text).slice(1, -1);
  const codes = (pattern: RegExp, text: string) =>
    text.replaceAll(pattern, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`);
  const once = [
    inner(secret),
    codes(/[<>&\u2028\u2029]/g, inner(secret)),
    codes(/[\u007F-\uFFFF]/g, inner(secret)),
    codes(/[\u007F-\u009F\u2028\u2029]/g, inner(secret)),
    inner(secret).replaceAll("/", "\\/"),
  ];
  return [...once, ...once.map(inner)];
}

function shell(secret: string): string[] {
  return [
    secret.replaceAll("'", String.raw`'\''`),
    secret.replaceAll("'", `'"'"'`),
    secret.replaceAll(/["$`\\]/g, String.raw`\$&`),
    secret.replaceAll(/["$`\\!]/g, String.raw`\$&`),
    secret.replaceAll(/[^\w@%+=:,./-]/g, String.raw`\$&`),
    // What bash's `printf %q` puts a backslash before.
    secret.replaceAll(/^[#~]|(?<=[:=])~|[\s'"\\|&;()<>!{}*[\]?^$`,]/g, String.raw`\$&`),
    // Between the quotes of bash's $'…', and how Python and Node show a string in single or in other quotes.
    secret.replaceAll(/[\\']/g, String.raw`\$&`),
    secret.replaceAll("\\", String.raw`\\`),
  ];
}

function markup(secret: string): string[] {
  const minimal = secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const quotes = ["&quot;", "&#34;"].map((quote) => minimal.replaceAll('"', quote));
  const apostrophes = ["&apos;", "&#39;", "&#x27;"];
  return [minimal, ...quotes, ...quotes.flatMap((text) => apostrophes.map((mark) => text.replaceAll("'", mark)))];
}
