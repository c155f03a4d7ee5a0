import { expect, test } from "vitest";
import { valueAt } from "../../src/config/faults.ts";
import { allFields } from "../../src/config/tree.ts";
import { HailstackError } from "../../src/errors.ts";
import { load } from "./world.ts";

/** What has made trouble somewhere between a config and a node's files: each is code, markup or steering somewhere. */
const payloads = [
  "$(touch /x)",
  "`touch /x`",
  "; touch /x",
  "&& touch /x",
  "| sh",
  "> /etc/passwd",
  "a\ntouch /x",
  "a\r\ntouch /x",
  "'; touch /x; '",
  '"; touch /x; "',
  "${IFS}x",
  "$((1+1))",
  "!!",
  "*",
  "?",
  "~root",
  "a\\",
  "#x",
  "a #x",
  "<(id)",
  "%s%n",
  "\u0000",
  "-rf",
  "--help",
  "-oProxyCommand=id",
  "--",
  "!reboot",
  "{a,b}",
  "{{ lookup('pipe','id') }}",
  "{% raw %}",
  "{# x #}",
  "{{7*7}}",
  "{{{x}}}",
  "<%= x %>",
  "a: b",
  "- a",
  "&anchor",
  "*alias",
  "!!python/object:x",
  "|\n x",
  "[a",
  "{a: b}",
  "a\u0085b",
  "\ufeffa",
  "a\u2028b",
  "%TAG",
  "<x/>",
  "&lt;",
  "&#10;",
  "]]>",
  "<!--",
  '"/><x a="',
  "<!DOCTYPE x>",
  "a; }",
  "$host",
  "a {",
  "}\nserver {",
  "\\x3b",
  'a" always;',
  "%i",
  "%%",
  "a\nExecStart=/x",
  "\\040",
  "\u001b[2J",
  "\u001b]0;x\u0007",
  "\u009b31m",
  "\u202ea",
  "a\u200bb",
  "\b\b",
  "a\u007f",
  "../../etc/passwd",
  "file:///etc/passwd",
  "http://169.254.169.254/",
  "a@b:c",
  "%2e%2e",
  "a?b=c",
  "a#b",
  "'",
  '"',
  "a\tb",
  "a\u00a0b",
  "сс",
  "😀",
];

/** Plain for every format: nothing that any of them gives a meaning in the middle of a word, and no option. */
const harmless = /^(?!-)[\p{L}\p{M}\p{N} ._:/+@(),=~-]*$/u;
/** Comparisons belong to a requirement, which is only ever one argument or one line of a list. */
const harmlessRequirement = /^[A-Za-z0-9][A-Za-z0-9 ._[\],=~!<>*+-]*$/;
/** These reach files by encoders only. */
const harmlessSecret = /^(?!-)[!-~]*$/;

function isHarmless(field: string, secret: boolean, text: string): boolean {
  if (secret) return harmlessSecret.test(text);
  if (field === "extras.python_packages") return harmlessRequirement.test(text);
  return harmless.test(text) && !/: | #|^#|:$/.test(text);
}

const texts = allFields().filter(({ about }) => typeof about.example === "string" || Array.isArray(about.example));

test("there are at least 60 payloads and every text field is tried", () => {
  expect(new Set(payloads).size).toBeGreaterThanOrEqual(60);
  expect(texts.length).toBeGreaterThanOrEqual(28);
});

test.for(texts.map(({ path, about }) => ({ field: path.join("."), path, about })))(
  "$field refuses a hostile value, or it is plain text",
  async ({ field, path, about }) => {
    const list = Array.isArray(about.example);
    const example = String(list ? about.example[0] : about.example);
    const tried = payloads.flatMap((text) => [text, `${example}${text}`, `${example} ${text}`]);
    const kept: string[] = [];
    for (const payload of tried) kept.push(...(await accepted(path, payload, list)));
    expect(kept.filter((value) => !isHarmless(field, about.secret === true, value))).toEqual([]);
    expect(kept.length).toBeLessThan(tried.length * (2 / 3));
  },
);

/** What the config then holds; nothing when it is refused. */
async function accepted(path: readonly string[], payload: string, list: boolean): Promise<string[]> {
  const text = tomlText(payload);
  const given: Record<string, Record<string, string>> = { cluster: { name: '"c1"', master_flavour: '"m1"' } };
  if (path[0] === "packer") given["packer"] = { base_image: '"i"' };
  const table = path.slice(0, -1).join(".");
  given[table] = { ...given[table], [path.at(-1) ?? ""]: list ? `[${text}]` : text };
  const toml = Object.entries(given).map(([name, fields]) => `[${name}]\n${lines(fields)}`);
  try {
    const { config } = await load({ toml: toml.join("") });
    return [String(valueAt(config, list ? [...path, 0] : path))];
  } catch (error) {
    if (error instanceof HailstackError) return [];
    throw error;
  }
}

const lines = (fields: Record<string, string>): string =>
  Object.entries(fields)
    .map(([key, value]) => `${key} = ${value}\n`)
    .join("");

/** JSON's escapes are TOML's; TOML wants DEL escaped too. */
const tomlText = (text: string): string => JSON.stringify(text).replaceAll("\u007f", String.raw`\u007f`);
