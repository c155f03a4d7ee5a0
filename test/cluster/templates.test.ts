import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Mustache from "mustache";
import { describe, expect, test } from "vitest";
import { encoderOf } from "../../src/cluster/encode.ts";
import { specialPaths } from "../../src/cluster/file-modes.ts";
import { nodeFiles } from "../../src/cluster/node-files.ts";
import { nodeView } from "../../src/cluster/node-view.ts";
import { renderTemplate } from "../../src/cluster/templates.ts";
import { checkout } from "../support/checkout.ts";
import { everything } from "../support/node-inputs.ts";
import { addressesOf, templates } from "../support/plans.ts";

const inputs = everything();
const addresses = addressesOf(inputs.plan);
const files = Object.entries(templates).flatMap(([folder, texts]) =>
  Object.entries(texts).map(([path, text]) => ({ name: `${folder}${path}`, path, text })),
);

/** Mustache's own reading of a template: `[type, name, start, end, inner?]`. */
type Token = [type: string, name: string, start: number, end: number, inner?: Token[]];
const tokensOf = (text: string): Token[] => Mustache.parse(text) as Token[];
const allTokens = (tokens: Token[]): Token[] => tokens.flatMap((token) => [token, ...allTokens(token[4] ?? [])]);

/** Names that neither the context nor one around it has; a list is held to each of its members. */
function unknownNames(tokens: Token[], contexts: readonly unknown[]): string[] {
  return tokens.flatMap(([type, name, , , inner = []]) => {
    if (type === "text") return [];
    const found = lookUp(name, contexts);
    if (found === undefined) return [name];
    const next = type !== "#" ? [undefined] : Array.isArray(found) ? found : [found];
    return next.flatMap((value) => unknownNames(inner, [value, ...contexts]));
  });
}

/** As Mustache does: the nearest context that has the first part of the name. */
function lookUp(name: string, contexts: readonly unknown[]): unknown {
  if (name === ".") return contexts[0];
  const [first = "", ...rest] = name.split(".");
  const has = (value: unknown, key: string): value is Record<string, unknown> =>
    typeof value === "object" && value !== null && Object.hasOwn(value, key);
  const context = contexts.find((value) => has(value, first));
  return [first, ...rest].reduce<unknown>((value, key) => (has(value, key) ? value[key] : undefined), context);
}

test("what the tree of templates holds is what is read of it", () => {
  const folder = join(checkout, "cloud-init");
  const there = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1));
  expect(files.map(({ name }) => name).toSorted()).toEqual(there.toSorted());
  for (const { name, text } of files) expect(text).toBe(readFileSync(join(folder, name), "utf8"));
});

test("no role's own template hides a common one unseen", () => {
  const both = Object.keys(templates.common).filter((path) => path in templates.master || path in templates.worker);
  expect(both).toEqual([]);
});

test("every path with a mode of its own is a file's", () => {
  expect(specialPaths().filter((path) => !files.some((file) => file.path === path))).toEqual([]);
});

describe.for(files)("$name", ({ path, text }) => {
  test.for(inputs.plan.nodes.slice(0, 2))("names nothing that the view of $name has not", (node) => {
    const view = nodeView(inputs, addresses, "ssh")(node);
    expect(unknownNames(tokensOf(text), [view])).toEqual([]);
  });

  test("has no raw tag, partial or change of delimiters", () => {
    const types = allTokens(tokensOf(text)).map(([type]) => type);
    expect(types.filter((type) => !["text", "name", "#", "^"].includes(type))).toEqual([]);
  });

  test("is of a kind that has an encoder", () => {
    expect(() => encoderOf(path)).not.toThrow();
  });
});

test("no brace and no missing value is left in any file", () => {
  const render = nodeFiles(inputs, addresses, "ssh");
  const left = inputs.plan.nodes
    .flatMap((node) => render(node))
    .filter(({ content }) => /\{\{|\}\}|\bundefined\b|\[object/.test(content));
  expect(left).toEqual([]);
});

test("a name with a mistake is found, at any depth", () => {
  const view = { nodes: [{ address: "10.0.0.1" }], cluster: { name: "c1" } };
  expect(unknownNames(tokensOf("{{#nodes}}{{address}} {{adress}}{{cluster.name}}{{/nodes}}"), [view])).toEqual([
    "adress",
  ]);
  expect(unknownNames(tokensOf("{{cluster.nme}}{{^volume}}x{{/volume}}"), [view])).toEqual(["cluster.nme", "volume"]);
});

test("every value goes through the encoder of its file", () => {
  const encode = (value: unknown): string => `<${String(value)}>`;
  expect(renderTemplate("{{a}} {{#b}}{{.}}{{/b}}", { a: "x&y", b: [1, 2] }, encode)).toBe("<x&y> <1><2>");
});
