/** The architecture, held by its imports: who may know whom (src/README.md). */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";
import { checkout } from "./support/checkout.ts";

/** For each place of src: the places it may import. Types of world.ts and errors.ts are everybody's. */
const mayImport: Record<string, readonly string[]> = {
  config: ["config"],
  cluster: ["cluster", "config"],
  commands: ["commands", "cluster", "config", "version"],
  net: ["net"],
  terminal: ["terminal"],
  host: ["host"],
  tools: ["tools", "host"],
  openstack: ["openstack", "net", "config"],
  s3: ["s3", "net"],
  ssh: ["ssh", "cluster"],
  pulumi: ["pulumi", "cluster", "s3", "host"],
  // The world's shapes are written in the cluster's words.
  world: ["cluster"],
  errors: [],
  version: [],
  // The list of commands, each loaded when it is called.
  program: ["commands", "help"],
  // What costs no more than starting node.
  help: ["version"],
  // These build the real world: they alone know the adapters.
  main: ["help", "host", "start"],
  start: ["program", "open-stacks", "open-image-builder", "host", "net", "openstack", "s3", "ssh", "terminal", "tools"],
  "open-image-builder": ["host", "tools"],
  "open-stacks": ["cluster", "host", "net", "pulumi", "s3", "tools"],
};
const everybodys = ["world", "errors"];

const src = join(checkout, "src");
const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter(
  (file) => file.endsWith(".ts") && !file.endsWith(".d.ts"),
);
/** `cluster/plan.ts` → `cluster`; `main.ts` → `main`. */
const placeOf = (file: string): string => file.split("/")[0]?.replace(/\.ts$/, "") ?? "";

function importsOf(file: string): string[] {
  const text = readFileSync(join(src, file), "utf8");
  const targets = text.matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g);
  return [...targets].map(([, target = ""]) => relative(src, join(src, dirname(file), target)));
}

test("every file of src is in a place of the table", () => {
  expect(files.filter((file) => !(placeOf(file) in mayImport))).toEqual([]);
});

test.for(Object.entries(mayImport))("%s imports nothing but what it may", ([place, allowed]) => {
  const wrong = files
    .filter((file) => placeOf(file) === place)
    .flatMap((file) => importsOf(file).map((target) => [file, target] as const))
    .filter(([, target]) => ![...everybodys, ...allowed].includes(placeOf(target)))
    .map(([file, target]) => `${file} imports ${target}`);
  expect(wrong).toEqual([]);
});

/** Packages that take long to load, and the only places that may name them (outside `await import`). */
const heavy: Record<string, readonly string[]> = {
  "@pulumi/pulumi": ["pulumi"],
  "@pulumi/openstack": ["pulumi"],
  "@aws-sdk/client-s3": ["s3"],
  ssh2: ["ssh"],
  undici: [],
  yaml: [],
  // In positions.ts, which load.ts itself loads only once a file is found faulty.
  "toml-eslint-parser": ["config"],
};

test.for(Object.entries(heavy))("%s is loaded only by those who need it", ([name, places]) => {
  const pattern = new RegExp(`^import (?!type).*from "${name}[/"]`, "m");
  const found = files.filter((file) => pattern.test(readFileSync(join(src, file), "utf8"))).map(placeOf);
  expect([...new Set(found)].filter((place) => !places.includes(place))).toEqual([]);
});

test("only the places that own it touch the process", () => {
  const owners: Record<string, RegExp> = {
    "process.exit": /process\.exit\(/,
    "process.env": /process\.env|[{,] env [},].*= process/,
    "console.": /console\.\w+\(/,
  };
  const found = Object.entries(owners).flatMap(([what, pattern]) =>
    files
      .filter((file) => pattern.test(readFileSync(join(src, file), "utf8")))
      .map((file) => `${placeOf(file)}: ${what}`),
  );
  expect([...new Set(found)].toSorted()).toEqual(["main: process.env", "main: process.exit", "start: process.env"]);
});
