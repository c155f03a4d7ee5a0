import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Mustache from "mustache";
import { describe, expect, test } from "vitest";
import { renderTemplate } from "../../src/cluster/templates.ts";
import { nodeFiles } from "../../src/cluster/user-data.ts";
import { checkout } from "../support/checkout.ts";
import { addressesOf, planOf } from "../support/plans.ts";

const folder = join(checkout, "cloud-init");
const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => join(parentPath, name));
const plan = planOf();
/** What a file's view has: names of sections, and of what is within each. */
const views: Record<string, Record<string, readonly string[]>> = {
  "common/etc/hosts": { nodes: ["address", "hostname", "short"] },
};

/** Mustache's own reading of a template: `[type, name, start, end, inner?]`. */
type Token = [type: string, name: string, start: number, end: number, inner?: Token[]];
const tokensOf = (text: string): Token[] => Mustache.parse(text) as Token[];

test("there are templates, and each one's view is known here", () => {
  expect(files.map((file) => file.slice(folder.length + 1)).toSorted()).toEqual(Object.keys(views));
});

describe.for(files)("%s", (file) => {
  const text = readFileSync(file, "utf8");
  const sections = views[file.slice(folder.length + 1)] ?? {};

  test("names nothing that its view has not", () => {
    const outer = tokensOf(text).filter(([type]) => type !== "text");
    expect(outer.map(([, name]) => name).filter((name) => !Object.hasOwn(sections, name))).toEqual([]);
    const unknown = outer.flatMap(([, section, , , inner = []]) =>
      inner.filter(([type, name]) => type !== "text" && !sections[section]?.includes(name)),
    );
    expect(unknown).toEqual([]);
  });

  test("has no raw tag, partial or change of delimiters", () => {
    const types = tokensOf(text).flatMap(([type, , , , inner = []]) => [type, ...inner.map(([kind]) => kind)]);
    expect(types.filter((type) => !["text", "name", "#", "^"].includes(type))).toEqual([]);
  });

  test("leaves no brace behind when it is filled in", () => {
    const path = file.slice(folder.length).replace(/^\/[^/]+/, "");
    const [rendered] = nodeFiles(plan, addressesOf(plan), { [path]: text });
    expect(rendered?.content).not.toMatch(/\{\{|\}\}|undefined|\[object/);
  });
});

test("values go in as they are: hosts and addresses need no HTML", () => {
  expect(renderTemplate("{{a}} {{b}}", { a: "x&y", b: "<z>" })).toBe("x&y <z>");
});
