/** Secrets that are known to the letter, so that any place they leak to can be searched for them. */

/** One of each kind a run is given; odd characters make every encoding of them look different. */
export const canaries = (id: string) => ({
  cloud: `canary-cloud-${id} "&ü`,
  web: `canary-web-${id} "&ü`,
  volume: `canary-volume-${id} "&ü`,
  /** For HAILSTACK_STATE_PASSPHRASE, where a test sets it. */
  passphrase: `canary-passphrase-${id} "&ü`,
  /** Of a build's proxy, where a test sets one. */
  proxy: `canary-proxy-${id}`,
  accessKey: `canary-access-${id}`,
  secretKey: `canary-state-secret-${id}/+=`,
});

/** Each secret that `text` holds, in the form it was found in: `base64 of canary-web-…`. */
export function leaks(text: string, secrets: Iterable<string>): string[] {
  return [...secrets].flatMap((secret) =>
    Object.entries(formsOf(secret))
      .filter(([, forms]) => forms.some((form) => text.includes(form)))
      .map(([name]) => `${name} of ${secret}`),
  );
}

function formsOf(secret: string): Record<string, string[]> {
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].map((offset) => base64Within(bytes, offset));
  return {
    text: [secret],
    json: [JSON.stringify(secret).slice(1, -1)],
    url: [encodeURIComponent(secret), encodeURIComponent(secret).replaceAll("%20", "+")],
    base64,
    base64url: base64.map((form) => form.replaceAll("+", "-").replaceAll("/", "_")),
    hex: [bytes.toString("hex"), bytes.toString("hex").toUpperCase()],
  };
}

/** The characters that stand for `bytes` alone when they come `offset` bytes after the start of what is encoded. */
function base64Within(bytes: Buffer, offset: number): string {
  const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
  return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
}
