/** SSH public keys, checked down to their bytes: a key that sshd ignores would lock everybody out. */
import { forbidden, type Rule } from "./rules.ts";

/** Algorithm → the point's curve and size in bytes, for those that have one. */
const curves: Readonly<Record<string, readonly [name: string, bytes: number]>> = {
  "ecdsa-sha2-nistp256": ["nistp256", 65],
  "ecdsa-sha2-nistp384": ["nistp384", 97],
  "ecdsa-sha2-nistp521": ["nistp521", 133],
  "sk-ecdsa-sha2-nistp256@openssh.com": ["nistp256", 65],
};
const algorithms = ["ssh-ed25519", "ssh-rsa", "sk-ssh-ed25519@openssh.com", ...Object.keys(curves)];

/** What sshd on Debian and Ubuntu accepts at least. */
const minRsaBits = 2048;
const maxRsaBits = 16_384;

export const sshPublicKey: Rule = {
  slug: "config-ssh-key",
  wanted: "one line of a .pub file, such as 'ssh-ed25519 AAAA… you@host'",
  pattern: () => /^(?:sk-)?(?:ssh|ecdsa)-[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,2}(?: .*)?$/,
  sensitive: true,
  fix: "put the text of a .pub file there, as `cat ~/.ssh/id_ed25519.pub` prints it",
  fault(value) {
    if (/PRIVATE KEY/.test(value)) return "this is a private key, which must never leave your machine";
    if (value.length > 16_384) return `it has ${value.length} characters`;
    if (/[\r\n]/.test(value)) return "it holds a line break; each key is one entry of the list";
    const [algorithm = "", body = "", ...comment] = value.split(/ +/);
    if (!algorithms.includes(algorithm)) return wrongStart(algorithm, value);
    const offender = commentFault(comment.join(" "));
    return keyFault(algorithm, body) ?? (offender === undefined ? undefined : `in its comment, ${offender}`);
  },
};

function commentFault(comment: string): string | undefined {
  if (/:(?: |$)/.test(comment)) return "a ':' ends a word";
  return forbidden(comment, /^[\p{L}\p{N} ._:@+/()=,-]$/u);
}

function wrongStart(algorithm: string, value: string): string {
  if (algorithm === "ssh-dss") return "DSA keys are too weak and sshd refuses them";
  if (/^[a-z0-9-]+-cert-v\d\d@openssh\.com$/.test(algorithm)) return "this is a certificate, not a key";
  const later = algorithms.some((known) => value.includes(` ${known} `) || value.includes(`"${known} `));
  if (later) return "it begins with options (such as command=…), which are not allowed";
  return `it does not begin with one of ${algorithms.join(", ")}`;
}

/** Checks the blob of RFC 4253 6.6: length-prefixed strings, the first of which repeats the algorithm. */
function keyFault(algorithm: string, body: string): string | undefined {
  const bytes = Buffer.from(body, "base64");
  if (body === "" || bytes.toString("base64").replace(/=+$/, "") !== body.replace(/={0,2}$/, "")) {
    return "its second part is not base64";
  }
  const fields = splitFields(bytes);
  if (fields === undefined) return "its second part is cut off or damaged";
  const [name, ...rest] = fields;
  if (name?.toString("latin1") !== algorithm) return "its first and second part name different algorithms";
  const security = algorithm.startsWith("sk-") ? 1 : 0;
  const right =
    algorithm === "ssh-rsa" ? rest.length === 2 : isCurveKey(algorithm, rest.slice(0, rest.length - security));
  if (!right || (security === 1 && rest.length < 2)) return "its second part is cut off or damaged";
  return algorithm === "ssh-rsa" ? rsaFault(rest[1]) : undefined;
}

/** undefined when the lengths do not add up to the whole. */
function splitFields(bytes: Buffer): Buffer[] | undefined {
  const fields: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 4 > bytes.length) return undefined;
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) return undefined;
    fields.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return fields;
}

function isCurveKey(algorithm: string, fields: Buffer[]): boolean {
  const curve = curves[algorithm];
  if (curve === undefined) return fields.length === 1 && fields[0]?.length === 32;
  const [name, point] = fields;
  const uncompressed = point?.[0] === 4 && point.length === curve[1];
  return fields.length === 2 && name?.toString("latin1") === curve[0] && uncompressed;
}

function rsaFault(modulus: Buffer | undefined): string | undefined {
  const bits =
    modulus === undefined || modulus.length === 0 ? 0 : BigInt(`0x0${modulus.toString("hex")}`).toString(2).length;
  if (bits < minRsaBits) return `an RSA key of ${bits} bits is too short; ${minRsaBits} or more are needed`;
  return bits > maxRsaBits ? `an RSA key of ${bits} bits is longer than sshd takes (${maxRsaBits})` : undefined;
}
