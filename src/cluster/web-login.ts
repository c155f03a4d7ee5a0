/** The web password as nodes get it: one-way, once for nginx and once for Jupyter. */
import { createHash } from "node:crypto";

/** Made once for a cluster and kept with it, so that the same password gives the same files. Base64 of 16 bytes each. */
export type WebSalts = { nginx: string; jupyter: string };
export type WebLogin = {
  /** The one line of nginx's password file, without its end. */
  htpasswd: string;
  /** As jupyter_server's `hashed_password` has it. */
  jupyter_hash: string;
  /**
   * What a browser that has logged in shows from then on, so as not to be counted among those that try passwords. It
   * opens nothing, changes with the password and its salt, and tells nothing of either.
   */
  session: string;
};

export const webUser = "hailstack";
/** nginx computes it at every request, and a page of JupyterLab makes a hundred: 2 to the power of 6 rounds. */
const bcryptCost = 6;
/** The first bytes are all that bcrypt looks at, here and in nginx. */
const bcryptBytes = 72;
/** What jupyter_server itself takes; memory in KiB. */
const argon2 = { memorySize: 10_240, iterations: 10, parallelism: 8, hashLength: 32 };

/** 16 bytes from `random`, which is given the number of bytes. */
export function newWebSalts(random: (bytes: number) => Uint8Array): WebSalts {
  const salt = () => Buffer.from(random(16)).toString("base64");
  return { nginx: salt(), jupyter: salt() };
}

/** Takes some 0.1 s. The same password and salts give the same bytes. */
export async function webLogin(password: string, salts: WebSalts): Promise<WebLogin> {
  // Loaded by those alone who hash: it unpacks WebAssembly.
  const hash = await import("./hash-wasm.ts");
  const bytes = Buffer.from(password);
  const bcrypt = await hash.bcrypt({
    password: bytes.subarray(0, bcryptBytes),
    salt: Buffer.from(salts.nginx, "base64"),
    costFactor: bcryptCost,
    outputType: "encoded",
  });
  const encoded = await hash.argon2id({
    ...argon2,
    password: bytes,
    salt: Buffer.from(salts.jupyter, "base64"),
    outputType: "encoded",
  });
  const jupyter_hash = `argon2:${encoded}`;
  const session = createHash("sha256").update(`hailstack session ${jupyter_hash}`).digest("base64url");
  // $2a$ and $2y$ are the same computation; Apache's tools and nginx's library write the latter.
  return { htpasswd: `${webUser}:${bcrypt.replace(/^\$2a\$/, "$2y$")}`, jupyter_hash, session };
}
