/** The operator's own certificate for the web front, looked at before a node gets it. Pure: texts in, problems out. */
import type { KeyObject } from "node:crypto";
import type { Problem } from "../errors.ts";

/** PEM: the certificate with what leads to its authority behind it, and its private key. */
export type WebCertificate = { chain: string; key: string };

type Crypto = typeof import("node:crypto");

/** What is wrong with it at the time `now`; nothing where nginx and browsers will take it. */
export async function certificateProblems({ chain, key }: WebCertificate, now: Date): Promise<Problem[]> {
  const crypto = await import("node:crypto");
  const certificate = firstCertificate(crypto, chain);
  const privateKey = plainKey(crypto, key);
  const problems: Problem[] = [];
  if (!certificate) {
    const fix = "name a file that begins with -----BEGIN CERTIFICATE-----, the server's own certificate first";
    problems.push(problem("web.certificate_file", "web-certificate", "it holds no certificate in PEM", fix));
  }
  if (!privateKey) {
    const fix = "name a file with the certificate's private key in PEM, without a passphrase";
    problems.push(
      problem("web.key_file", "web-key", "it holds no private key in PEM that can be read without a passphrase", fix),
    );
  }
  if (!certificate || !privateKey) return problems;
  if (!certificate.checkPrivateKey(privateKey)) {
    const fix = "name the key that the certificate was made for";
    problems.push(problem("web.key_file", "web-key-other", "it is not the key of web.certificate_file", fix));
  }
  const [from, until] = [new Date(certificate.validFrom), new Date(certificate.validTo)];
  if (until <= now || from > now) {
    const when = until <= now ? `expired on ${until.toISOString()}` : `is valid from ${from.toISOString()} only`;
    problems.push(
      problem("web.certificate_file", "web-certificate-time", `the certificate ${when}`, "name one that is valid"),
    );
  }
  return problems;
}

const problem = (field: string, slug: string, message: string, fix: string): Problem => ({
  slug,
  message: `${field}: ${message}`,
  where: field,
  fix,
});

function firstCertificate({ X509Certificate }: Crypto, chain: string) {
  if (!chain.includes("-----BEGIN CERTIFICATE-----")) return undefined;
  try {
    return new X509Certificate(chain);
  } catch {
    return undefined;
  }
}

function plainKey({ createPrivateKey }: Crypto, key: string): KeyObject | undefined {
  try {
    return createPrivateKey(key);
  } catch {
    return undefined;
  }
}
