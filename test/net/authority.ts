/** Certificates made by openssl for tests: an authority, a host it signed, one that has expired, one signed by itself. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type Certificate = { key: string; cert: string };
export type Authority = {
  /** PEM file of the authority's certificate. */
  caPath: string;
  good: Certificate;
  expired: Certificate;
  selfSigned: Certificate;
  remove(): void;
};

/** All of them are for `host`; the authority is called `Hailstack Test Authority`. */
export function makeAuthority(host: string): Authority {
  const folder = mkdtempSync(join(tmpdir(), "hailstack-ca-"));
  const at = (name: string): string => join(folder, name);
  const run = (...args: string[]): void => void execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  const key = (name: string): void =>
    run("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", name);

  key("ca.key");
  run(
    "req",
    "-x509",
    "-new",
    "-key",
    "ca.key",
    "-subj",
    "/CN=Hailstack Test Authority",
    "-days",
    "2",
    "-out",
    "ca.pem",
  );
  writeFileSync(at("san.cnf"), `subjectAltName=DNS:${host}`);
  const signed = (name: string, ...validity: string[]): Certificate => {
    key(`${name}.key`);
    run("req", "-new", "-key", `${name}.key`, "-subj", `/CN=${host}`, "-out", `${name}.csr`);
    const signer = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "san.cnf"];
    run("x509", "-req", "-in", `${name}.csr`, ...signer, ...validity, "-out", `${name}.pem`);
    return read(name);
  };
  const read = (name: string): Certificate => ({
    key: readFileSync(at(`${name}.key`), "utf8"),
    cert: readFileSync(at(`${name}.pem`), "utf8"),
  });
  key("self.key");
  run("req", "-x509", "-new", "-key", "self.key", "-subj", `/CN=${host}`, "-days", "2", "-out", "self.pem");
  return {
    caPath: at("ca.pem"),
    good: signed("good", "-days", "2"),
    expired: signed("expired", "-days", "-1"),
    selfSigned: read("self"),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
