/** Where Node keeps what it compiled of hailstack: code that the next start runs unread. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { checkout } from "../support/checkout.ts";

function start(variables: (folder: string) => Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), "hailstack-start-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "tmp"));
  const args = [join(checkout, "dist/main.js"), "status", "--config", join(folder, "none.toml")];
  const env = { TMPDIR: join(folder, "tmp"), ...variables(folder) };
  const { status } = spawnSync(process.execPath, args, { env });
  expect(status).toBe(2);
  return { shared: readdirSync(join(folder, "tmp")), kept: (path: string) => readdirSync(join(folder, path)) };
}

test("it lies in the user's own cache, not in the temporary folder that all users share", () => {
  const { shared, kept } = start((folder) => ({ HOME: folder }));

  expect(shared).toEqual([]);
  expect(kept(".cache/hailstack/compiled")).toHaveLength(1);
});

test("XDG_CACHE_HOME moves it", () => {
  const { shared, kept } = start((folder) => ({ HOME: folder, XDG_CACHE_HOME: join(folder, "cache") }));

  expect(shared).toEqual([]);
  expect(kept("cache/hailstack/compiled")).toHaveLength(1);
});

test("without a home none is kept", () => {
  expect(start(() => ({})).shared).toEqual([]);
});
