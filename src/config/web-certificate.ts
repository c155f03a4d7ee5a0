/** The operator's own certificate for the web front: its two files, looked at before a node gets them. */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { dirname, resolve } from "node:path";
import { HailstackError } from "../errors.ts";
import type { Files } from "../world.ts";
import { type Fault, quoted, valueAt } from "./faults.ts";
import { filePath } from "./rules.ts";
import type { Substituted } from "./variables.ts";

export type WebCertificate = {
  /** PEM: the certificate, with what leads to its authority behind it. */
  chain: string;
  /** PEM: its private key. */
  key: string;
  /** Host names and addresses that it is for, as browsers look for them. */
  names: readonly string[];
};

export type CertificateChoice = {
  /** Absent where the config names none, and where there are faults. */
  readonly certificate?: WebCertificate;
  readonly faults: readonly Fault[];
  readonly warnings: readonly Fault[];
};

type Field = "certificate_file" | "key_file";
type Told = { faults: Fault[]; warnings: Fault[] };

/** As long before its end a new one should be at hand. */
const soonMs = 30 * 24 * 3_600_000;
/** What Debian's OpenSSL lets nginx use at least, in bits. */
const smallestRsa = 2048;
/** What tls.conf of the web front and every browser have; OpenSSL's names of P-256 and P-384. */
const curves = new Set(["prime256v1", "secp384r1"]);

/**
 * Reads both files, beside the config unless absolute. What the schema refuses already, and one file without the other,
 * is not looked at. No message tells anything of the key.
 */
export async function readCertificate(
  files: Pick<Files, "readText" | "mode">,
  { config, file, now }: { config: string; file: Substituted; now: Date },
): Promise<CertificateChoice> {
  const told: Told = { faults: [], warnings: [] };
  const [certificateFile, keyFile] = [pathOf(file, "certificate_file"), pathOf(file, "key_file")];
  if (certificateFile === undefined || keyFile === undefined) return told;
  const place = (path: string): string => resolve(dirname(config), path);

  const chainText = await textOf(files, "certificate_file", certificateFile, place(certificateFile), told);
  const keyText = await textOf(files, "key_file", keyFile, place(keyFile), told);
  const chain = chainText === undefined ? undefined : chainOf(chainText, told);
  const key = keyText === undefined ? undefined : keyOf(keyText, told);
  await judgeMode(files, place(keyFile), told);
  if (chain) judgeTimes(chain, now, told);
  if (chain && key) judgePair(chain, key.object, told);
  if (told.faults.length > 0 || !chain || !key) return told;
  const [own] = chain;
  return {
    ...told,
    certificate: {
      chain: chain.map((each) => each.toString().trim()).join("\n"),
      key: key.pem,
      names: own ? namesOf(own) : [],
    },
  };
}

/** The path that a field gives, when it gives one that may be looked at. */
function pathOf({ data }: Substituted, field: Field): string | undefined {
  const value = valueAt(data, ["web", field]);
  const path = typeof value === "string" ? value.trim() : "";
  return path === "" || filePath.fault(path) !== undefined ? undefined : path;
}

const at = (field: Field, slug: string, message: string, fix: string): Fault => ({
  path: ["web", field],
  at: "value",
  slug,
  message: `web.${field}${message}`,
  fix,
});

async function textOf(
  files: Pick<Files, "readText">,
  field: Field,
  shown: string,
  path: string,
  { faults }: Told,
): Promise<string | undefined> {
  try {
    return await files.readText(path);
  } catch (error) {
    if (!(error instanceof HailstackError)) throw error;
    for (const { slug, message, fix } of error.problems) {
      // DER, as some authorities hand it out.
      if (slug === "file-not-text") faults.push(field === "key_file" ? noKey : noCertificate);
      else faults.push(at(field, slug, `${quoted(shown)}: ${message}`, fix));
    }
    return undefined;
  }
}

const noCertificate = at(
  "certificate_file",
  "web-certificate",
  ": it holds no certificate in PEM",
  "name a file with -----BEGIN CERTIFICATE----- in it; openssl x509 -inform der makes one of a file in DER",
);
const noKey = at(
  "key_file",
  "web-key",
  ": it holds no private key in PEM",
  "name a file with -----BEGIN PRIVATE KEY----- in it; openssl pkey -inform der makes one of a file in DER",
);

/** Every certificate of the text, the server's own first; undefined where one cannot be read. */
function chainOf(text: string, { faults }: Told): X509Certificate[] | undefined {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) {
    const swapped = text.includes("PRIVATE KEY-----");
    faults.push(
      swapped ? { ...noCertificate, fix: "name the certificate here, and its key as web.key_file" } : noCertificate,
    );
    return undefined;
  }
  const found: X509Certificate[] = [];
  for (const [index, block] of blocks.entries()) {
    try {
      found.push(new X509Certificate(block));
    } catch {
      const fix = "copy the file from its authority again";
      faults.push(at("certificate_file", "web-certificate", `: certificate ${index + 1} in it cannot be read`, fix));
    }
  }
  return found.length === blocks.length ? found : undefined;
}

function keyOf(text: string, { faults }: Told): { object: KeyObject; pem: string } | undefined {
  const [block] = /-----BEGIN ((?:[A-Z]+ )?PRIVATE KEY)-----[\s\S]*?-----END \1-----/.exec(text) ?? [];
  if (block === undefined) {
    const swapped = text.includes("-----BEGIN CERTIFICATE-----");
    faults.push(swapped ? { ...noKey, fix: "name the key here, and the certificate as web.certificate_file" } : noKey);
    return undefined;
  }
  if (/ENCRYPTED/.test(block)) {
    const fix = "take its passphrase away: openssl pkey -in <file> -out <new file>, and chmod 600 it";
    faults.push(at("key_file", "web-key-locked", ": the key has a passphrase, and nginx starts without anybody", fix));
    return undefined;
  }
  try {
    const object = createPrivateKey(block);
    // Written anew: one form, whatever the file had around it.
    return { object, pem: object.export({ type: "pkcs8", format: "pem" }).toString().trim() };
  } catch {
    faults.push(at("key_file", "web-key", ": the private key in it cannot be read", "copy the file again"));
    return undefined;
  }
}

function judgePair(chain: readonly X509Certificate[], key: KeyObject, { faults }: Told): void {
  const owner = chain.findIndex((each) => each.checkPrivateKey(key));
  if (owner < 0) {
    const fix = "name the key that the certificate was made for";
    faults.push(at("key_file", "web-key-other", ": it is not the key of the certificate in web.certificate_file", fix));
    return;
  }
  if (owner > 0) {
    const message = `: the key belongs to certificate ${owner + 1} in it, and the server's own must be the first`;
    const fix = "put it first, and what leads to its authority behind it";
    faults.push(at("certificate_file", "web-certificate-order", message, fix));
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  const fits =
    (type === "rsa" && (details?.modulusLength ?? 0) >= smallestRsa) ||
    (type === "ec" && curves.has(details?.namedCurve ?? ""));
  if (fits) return;
  const message = `: browsers take RSA keys of ${smallestRsa} bits or more, and EC keys on P-256 or P-384; this is neither`;
  faults.push(at("key_file", "web-key-kind", message, "have a certificate made for such a key"));
}

function judgeTimes(chain: readonly X509Certificate[], now: Date, { faults, warnings }: Told): void {
  for (const [index, each] of chain.entries()) {
    const [from, until] = [new Date(each.validFrom), new Date(each.validTo)];
    const which = index === 0 ? "the certificate" : `certificate ${index + 1} in it`;
    const day = (date: Date): string => date.toISOString().slice(0, 10);
    const wrong = (slug: string, message: string): Fault =>
      at("certificate_file", slug, `: ${which} ${message}`, "have it renewed, and run the same command again");
    // Of those behind the first, browsers may know others.
    const list = index === 0 ? faults : warnings;
    if (until <= now) list.push(wrong("web-certificate-expired", `has expired, on ${day(until)}`));
    else if (from > now) list.push(wrong("web-certificate-early", `is valid from ${day(from)} only`));
    else if (until.getTime() - now.getTime() < soonMs)
      warnings.push(wrong("web-certificate-soon", `expires on ${day(until)}`));
  }
}

async function judgeMode(files: Pick<Files, "mode">, path: string, { faults, warnings }: Told): Promise<void> {
  if (faults.some(({ path: [, field] }) => field === "key_file")) return;
  const mode = await files.mode(path);
  if (mode === undefined || (mode & 0o004) === 0) return;
  const message = `: every user of this machine can read the private key (mode ${mode.toString(8).padStart(4, "0")})`;
  warnings.push(at("key_file", "web-key-readable", message, `chmod 600 ${path}`));
}

function namesOf({ subjectAltName = "" }: X509Certificate): string[] {
  return [...subjectAltName.matchAll(/(?:DNS|IP Address):([^,\s"]+)/g)].map(([, name = ""]) => name);
}
