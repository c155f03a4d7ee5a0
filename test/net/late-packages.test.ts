/** What a bundle does to packages that are loaded late; src/net/undici.ts tells the story. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkout } from "../support/checkout.ts";

test("no package is loaded late by itself, as the bundle would lose its names", () => {
  const src = join(checkout, "src");
  const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const late = files.filter((file) => /\bimport\("(?!node:|\.)/.test(readFileSync(join(src, file), "utf8")));
  expect(late).toEqual([]);
});
