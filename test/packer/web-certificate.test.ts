/** The program that gives the web front its certificate. */
import { execFile, execFileSync } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { makePair } from "../support/certificates.ts";
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

test("the operator's own comes and goes: shown while it is wanted, then forgotten, key and all", () => {
  const folder = mkdtempSync(join(tmpdir(), "hailstack-certificate-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const ssl = join(folder, "ssl");
  const env = { ...process.env, HAILSTACK_WEB_SSL: ssl, HAILSTACK_WEB_SETTINGS: folder };
  const run = () => execFileSync("sh", [program], { env, encoding: "utf8" });
  const want = (own: boolean) => writeFileSync(join(folder, "web.env"), `# a comment\nOWN_CERTIFICATE=${own}\n`);
  const shown = () => new X509Certificate(readFileSync(join(ssl, "hailstack.crt"))).fingerprint256;
  // For the very names that the cluster's own is for, so that they do not tell the two apart.
  const own = makePair({ names: `DNS:${hostname()},DNS:localhost,IP:127.0.0.1`, days: 400 });
  const fingerprint = new X509Certificate(own.certificate).fingerprint256;

  want(false);
  run();
  const made = shown();
  expect(run()).toBe("");
  want(true);
  // Wanted from the first boot on, and not there before the files are handed over.
  expect([run(), shown()]).toEqual(["", made]);
  writeFileSync(join(ssl, "own.crt"), own.certificate);
  writeFileSync(join(ssl, "own.key"), own.key);
  expect([run(), shown()]).toEqual([expect.stringContaining(fingerprint), fingerprint]);
  expect(run()).toBe("");
  expect(readFileSync(join(ssl, "hailstack.key"), "utf8")).toBe(own.key);

  want(false);
  run();
  expect([fingerprint, made]).not.toContain(shown());
  expect(readdirSync(ssl).toSorted()).toEqual([".lock", "hailstack.crt", "hailstack.key"]);
  expect(run()).toBe("");
});
