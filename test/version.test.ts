import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { version } from "../src/version.ts";
import { checkout } from "./support/checkout.ts";

test("the version is the one of package.json", () => {
  expect(JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"))).toMatchObject({ version });
});

test("the plugin answers as the version that the npm package asks for", () => {
  const npm = JSON.parse(readFileSync(join(checkout, "node_modules/@pulumi/openstack/package.json"), "utf8"));
  const go = readFileSync(join(checkout, "toolchain/pulumi-resource-openstack/main.go"), "utf8");
  const finder = readFileSync(join(checkout, "src/tools/toolchain.ts"), "utf8");

  const wanted = String(npm.version).replace(/^v/, "");
  expect(go).toContain(`const version = "${wanted}"`);
  expect(finder).toContain(`"pulumi-resource-openstack": { version: "${wanted}"`);
});
