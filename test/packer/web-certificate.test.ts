/** The program that gives the web front its certificate. */
import { execFile } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { checkout } from "../support/checkout.ts";

const program = join(checkout, "packer/files/web/usr/libexec/hailstack/web-certificate");

test("asked for at one moment from several sides, it is made once, whole, and nothing else is left", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hailstack-certificate-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "public-address"), "192.0.2.7\n");
  const ssl = join(folder, "ssl");
  const env = { ...process.env, HAILSTACK_WEB_SSL: ssl, HAILSTACK_WEB_SETTINGS: folder };
  const runs = await Promise.all(Array.from({ length: 8 }, () => promisify(execFile)("sh", [program], { env })));

  expect(runs.filter(({ stdout }) => stdout.includes("has a new certificate"))).toHaveLength(1);
  const certificate = new X509Certificate(readFileSync(join(ssl, "hailstack.crt")));
  expect(certificate.checkPrivateKey(createPrivateKey(readFileSync(join(ssl, "hailstack.key"))))).toBe(true);
  expect(certificate.subjectAltName).toContain("IP Address:192.0.2.7");
  expect(statSync(join(ssl, "hailstack.key")).mode & 0o777).toBe(0o600);
  expect(readdirSync(ssl).toSorted()).toEqual([".lock", "hailstack.crt", "hailstack.key"]);
});
