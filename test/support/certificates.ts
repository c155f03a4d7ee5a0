/** Certificates and keys as openssl makes them, for what reads or shows them. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type Pair = { certificate: string; key: string };
export type Wanted = {
  /** As openssl's `-newkey` takes it, with its options. */
  kind?: readonly string[];
  /** As openssl's `subjectAltName`. */
  names?: string;
  days?: number;
  /** Whoever signs it; by itself without one. */
  by?: Pair;
};

export const ecKey = (curve: string): string[] => ["-newkey", "ec", "-pkeyopt", `ec_paramgen_curve:${curve}`];
export const rsaKey = (bits: number): string[] => ["-newkey", `rsa:${bits}`];

/** PEM of both, valid from now on. */
export function makePair({ kind = ecKey("P-256"), names = "DNS:hail.example.org", days = 90, by }: Wanted = {}): Pair {
  return inFolder((folder) => {
    const [key, certificate] = [join(folder, "key"), join(folder, "crt")];
    const about = ["-nodes", "-subj", "/CN=test", "-addext", `subjectAltName=${names}`, "-days", String(days)];
    const signed = by ? ["-CA", lay(folder, "ca.crt", by.certificate), "-CAkey", lay(folder, "ca.key", by.key)] : [];
    openssl("req", "-x509", ...kind, ...about, ...signed, "-keyout", key, "-out", certificate);
    return { certificate: readFileSync(certificate, "utf8"), key: readFileSync(key, "utf8") };
  });
}

/** The private key `pem` in another form, as `openssl pkey` or `rsa` writes it with these arguments. */
export const rewritten = (pem: string, command: "pkey" | "rsa", ...args: string[]): string =>
  inFolder((folder) => openssl(command, "-in", lay(folder, "in", pem), ...args));

function lay(folder: string, name: string, text: string): string {
  writeFileSync(join(folder, name), text, { mode: 0o600 });
  return join(folder, name);
}

function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "hailstack-openssl-"));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const openssl = (...args: string[]): string =>
  execFileSync("openssl", args, { encoding: "latin1", stdio: ["ignore", "pipe", "pipe"] });
