/** 10,000 values a kind of file: written by its encoder, read back by its real reader, the same again. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import {
  environment,
  field,
  ini,
  nginx,
  sparkProperty,
  unit,
  verbatim,
  word,
} from "../../../src/cluster/encode/lines.ts";
import { json, python } from "../../../src/cluster/encode/literals.ts";
import { hadoopXml, html } from "../../../src/cluster/encode/markup.ts";
import { checkout } from "../../support/checkout.ts";
import { takenValues } from "./values.ts";

const count = 10_000;
const patience = 20_000;
const folder = mkdtempSync(join(tmpdir(), "hailstack-encode-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const here = join(checkout, "test/cluster/encode");
function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
const outputOf = (program: string, args: readonly string[]): string =>
  execFileSync(program, args, { encoding: "utf8", maxBuffer: 64 * 2 ** 20 });
const withoutLast = (text: string): string[] => text.split("\0").slice(0, -1);

type Kind = { kind: string; encode: (value: unknown) => string; write: (encoded: readonly string[]) => string };
const lines = (line: (encoded: string, index: number) => string) => (all: readonly string[]) =>
  all.map((encoded, index) => `${line(encoded, index)}\n`).join("");
const kinds: Kind[] = [
  {
    kind: "xml",
    encode: hadoopXml,
    write: (all) =>
      `<?xml version="1.0" encoding="UTF-8"?>\n<configuration>${lines((encoded) => `<value>${encoded}</value>`)(all)}</configuration>`,
  },
  { kind: "html", encode: html, write: lines((encoded) => `<p>${encoded}</p>`) },
  { kind: "json", encode: json, write: (all) => `[${all.join(",\n")}]` },
  { kind: "python", encode: python, write: (all) => `[${all.join(",\n")}]` },
  { kind: "ini", encode: ini, write: (all) => `[values]\n${lines((encoded, at) => `    key${at} = ${encoded}`)(all)}` },
  { kind: "environment", encode: environment, write: lines((encoded, at) => `KEY${at}="${encoded}"`) },
  { kind: "nginx", encode: nginx, write: lines((encoded) => `name "${encoded}";`) },
  { kind: "properties", encode: sparkProperty, write: lines((encoded, at) => `key${at}   ${encoded}`) },
  { kind: "unit", encode: unit, write: lines((encoded) => `What=${encoded}`) },
  { kind: "word", encode: (value) => word(`x${String(value)}`), write: lines((encoded) => `10.0.0.1 ${encoded}`) },
];

test.for(kinds)("$kind", { timeout: patience }, ({ kind, encode, write: document }) => {
  const { values, encoded, refused } = takenValues(encode, count, 1);
  const path = write(kind, document(encoded));
  const read: unknown = JSON.parse(outputOf("python3", [join(here, "read_back.py"), kind, path]));
  expect(read).toEqual(kind === "word" ? values.map((value) => `x${value}`) : values);
  // Half a surrogate pair is no text in any of them.
  expect(refused).toBeGreaterThan(0);
});

test("an environment file is the same to sh", { timeout: patience }, () => {
  const { values, encoded } = takenValues(environment, count, 2);
  const file = write("env", encoded.map((text, at) => `KEY${at}="${text}"\n`).join(""));
  const told = `. "$0"; ${values.map((_, at) => `printf '%s\\0' "$KEY${at}"`).join("; ")}`;
  expect(
    withoutLast(outputOf("sh", [write("told", `set -- ; . ${file}\n${told.slice(told.indexOf(";") + 1)}\n`)])),
  ).toEqual(values);
});

const java = spawnSync("javac", ["-version"]).status === 0;
test.skipIf(!java)("properties are the same to Java", { timeout: patience }, () => {
  const { values, encoded } = takenValues(sparkProperty, count, 3);
  const file = write("java.properties", encoded.map((text, at) => `key${at}   ${text}\n`).join(""));
  const read = withoutLast(outputOf("java", [join(here, "ReadProperties.java"), file]));
  expect(read).toEqual(values);
});

test("fields are the same to libmount, which reads fstab", { timeout: patience }, () => {
  const { values, encoded } = takenValues((value) => field(`/${String(value)}`), count, 4);
  const file = write("fstab", encoded.map((text, at) => `${text} /m${at} ext4 defaults 0 0\n`).join(""));
  const told: unknown = JSON.parse(outputOf("findmnt", ["--tab-file", file, "--list", "--json", "-o", "SOURCE"]));
  expect(told).toEqual({ filesystems: values.map((value) => ({ source: `/${value}` })) });
});

test("what is nothing but a value stays as it is", () => {
  const { values, encoded } = takenValues(verbatim, count, 5);
  expect(encoded).toEqual(values);
});

describe("what has no form is refused, and the value is not shown", () => {
  const secret = "s3cret";
  test.for([
    { what: "a line feed in properties", encode: () => sparkProperty(`${secret}\n`) },
    { what: "a blank at the end of a property", encode: () => sparkProperty(`${secret} `) },
    { what: "a variable in a property", encode: () => sparkProperty(`${secret}\${env:X}`) },
    { what: "a control character in XML", encode: () => hadoopXml(`${secret}\u0001`) },
    { what: "a variable in Hadoop's XML", encode: () => hadoopXml(`${secret}\${user.name}`) },
    { what: "a variable in nginx", encode: () => nginx(`${secret}$host`) },
    { what: "a line feed in an environment", encode: () => environment(`${secret}\n`) },
    { what: "a quote in a setting", encode: () => ini(`${secret}"`) },
    { what: "a blank in a host name", encode: () => word(`${secret} b`) },
    { what: "a blank in a unit", encode: () => unit(`${secret} b`) },
    { what: "a line feed in a file of one line", encode: () => verbatim(`${secret}\n`) },
    { what: "half a character in JSON", encode: () => json(`${secret}\ud800`) },
    { what: "a list in XML", encode: () => hadoopXml([secret]) },
    { what: "nothing in nginx", encode: () => nginx(undefined) },
    { what: "no number", encode: () => python(Number.NaN) },
  ])("$what", ({ encode }) => {
    expect(encode).toThrow(/^a value has no form in that file: /);
    expect(encode).not.toThrow(secret);
  });
});

test("lists, numbers, yes and no are literals of JSON and of Python", () => {
  expect(json(["a", 1, true, null])).toBe('["a", 1, true, null]');
  expect(python(["a", 1, true, null])).toBe('["a", 1, True, None]');
});
