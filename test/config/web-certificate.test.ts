/** The operator's own certificate: what is taken, and each way in which two files can be wrong. */
import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { ecKey, makePair, rewritten, rsaKey, type Pair } from "../support/certificates.ts";
import { load, marked, problemsOf, smallest, type Given } from "./world.ts";

const authority = makePair({ names: "DNS:authority" });
const good = makePair({ by: authority, names: "DNS:hail.example.org,DNS:*.hail.example.org,IP:192.0.2.7" });
const strangers = makePair();
const inDays = (days: number) => new Date(Date.now() + days * 24 * 3_600_000);

const both = `${smallest}[web]\ncertificate_file = ‸"web.pem"\nkey_file = "web.key"\n`;
const keyMarked = both.replace("‸", "").replace('"web.key"', '‸"web.key"');
const given = (files: Partial<Pair>, more: Partial<Given> = {}): Given => ({
  toml: marked(both).toml,
  needs: ["certificate"],
  files: {
    [`${process.cwd()}/web.pem`]: files.certificate ?? good.certificate,
    [`${process.cwd()}/web.key`]: files.key ?? good.key,
  },
  ...more,
});
const samePublic = (key: string, other: string): boolean =>
  createPublicKey(createPrivateKey(key)).equals(createPublicKey(createPrivateKey(other)));

const rsa = makePair({ kind: rsaKey(2048) });
test.for<{ when: string; pair: Pair; certificates: number }>([
  {
    when: "signed by an authority that follows it",
    pair: { ...good, certificate: good.certificate + authority.certificate },
    certificates: 2,
  },
  {
    when: "with an RSA key in its oldest form",
    pair: { ...rsa, key: rewritten(rsa.key, "rsa", "-traditional") },
    certificates: 1,
  },
  {
    when: "with texts around it, and the line ends of another system",
    pair: {
      certificate: `Bag Attributes: né\n${good.certificate}`.replaceAll("\n", "\r\n"),
      key: `${good.certificate}\n${good.key}`,
    },
    certificates: 1,
  },
  { when: "on P-384", pair: makePair({ kind: ecKey("P-384") }), certificates: 1 },
])("a certificate $when is taken, its key in one form and masked", async ({ pair, certificates }) => {
  const { certificate, warnings, secrets } = await load(given(pair));

  expect(warnings).toEqual([]);
  const blocks = certificate?.chain.split("\n-----BEGIN ") ?? [];
  expect(blocks).toHaveLength(certificates);
  expect(new X509Certificate(certificate?.chain ?? "").raw).toEqual(new X509Certificate(pair.certificate).raw);
  expect(certificate?.key).toMatch(/^-----BEGIN PRIVATE KEY-----\n[\s\S]+\n-----END PRIVATE KEY-----$/);
  expect(samePublic(certificate?.key ?? "", pair.key)).toBe(true);
  expect(secrets).toEqual([certificate?.key]);
});

test("it is for the names and addresses that it says", async () => {
  const { certificate } = await load(given({}));
  expect(certificate?.names).toEqual(["hail.example.org", "*.hail.example.org", "192.0.2.7"]);
});

test("the files are looked for beside the config, and by nobody who does not need them", async () => {
  const pair = { [`${process.cwd()}/sites/web.pem`]: good.certificate, "/etc/ssl/web.key": good.key };
  const toml = marked(both).toml.replace('"web.key"', '"/etc/ssl/web.key"');
  const files = { "sites/c.toml": toml, ...pair };
  const { certificate } = await load({ toml: "", files, options: { config: "sites/c.toml" }, needs: ["certificate"] });
  expect(certificate?.chain).toBe(good.certificate.trim());

  expect((await load({ toml })).certificate).toBeUndefined();
});

test.for(["", "[web]\n", '[web]\ncertificate_file = ""\nkey_file = " "\n'])(
  "%j: none of the operator's",
  async (web) => {
    const { certificate, config } = await load({ toml: smallest + web, needs: ["certificate"] });
    expect([certificate, config.web]).toEqual([undefined, { certificate_file: "", key_file: "" }]);
  },
);

test.for([
  { web: '[web]\ncertificate_file = "a.pem"\n', there: "[web]", blank: "web.key_file" },
  { web: '[web]\nkey_file = "a.key"\ncertificate_file = ""\n', there: '""', blank: "web.certificate_file" },
])("one without the other is refused: $blank is blank", async ({ web, there, blank }) => {
  const { toml, at } = marked((smallest + web).replace(there, there === "[web]" ? "[‸web]" : `‸${there}`));
  expect(await problemsOf({ toml, needs: ["certificate"] })).toEqual([
    expect.objectContaining({
      slug: "config-web-certificate",
      message: `web.certificate_file and web.key_file must be set together: ${blank} is blank`,
      where: `c.toml:${at}`,
    }),
  ]);
});

const locked = rewritten(good.key, "pkey", "-aes256", "-passout", "pass:secret");
const broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
const brokenKey = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
type Wrong = { when: string; slug: string; at: string; message: RegExp; files?: Partial<Pair>; now?: Date };
const wrong: Wrong[] = [
  {
    when: "no certificate",
    slug: "web-certificate",
    at: both,
    message: /holds no certificate in PEM$/,
    files: { certificate: "text\n" },
  },
  {
    when: "the key in its place",
    slug: "web-certificate",
    at: both,
    message: /no certificate/,
    files: { certificate: good.key },
  },
  {
    when: "a certificate cut short",
    slug: "web-certificate",
    at: both,
    message: /certificate 1 in it cannot be read$/,
    files: { certificate: broken },
  },
  {
    when: "a broken one behind it",
    slug: "web-certificate",
    at: both,
    message: /certificate 2 in it cannot/,
    files: { certificate: good.certificate + broken },
  },
  { when: "no key", slug: "web-key", at: keyMarked, message: /holds no private key in PEM$/, files: { key: "text\n" } },
  {
    when: "the certificate in its place",
    slug: "web-key",
    at: keyMarked,
    message: /no private key/,
    files: { key: good.certificate },
  },
  { when: "a key cut short", slug: "web-key", at: keyMarked, message: /cannot be read$/, files: { key: brokenKey } },
  {
    when: "a key with a passphrase",
    slug: "web-key-locked",
    at: keyMarked,
    message: /has a passphrase/,
    files: { key: locked },
  },
  {
    when: "another's key",
    slug: "web-key-other",
    at: keyMarked,
    message: /is not the key of the certificate/,
    files: { key: strangers.key },
  },
  {
    when: "the authority first",
    slug: "web-certificate-order",
    at: both,
    message: /belongs to certificate 2 in it/,
    files: { certificate: authority.certificate + good.certificate },
  },
  {
    when: "a certificate that has expired",
    slug: "web-certificate-expired",
    at: both,
    message: /has expired, on \d{4}-\d\d-\d\d$/,
    now: inDays(91),
  },
  {
    when: "one of next year",
    slug: "web-certificate-early",
    at: both,
    message: /is valid from \d{4}-\d\d-\d\d only$/,
    now: inDays(-1),
  },
  {
    when: "a short RSA key",
    slug: "web-key-kind",
    at: keyMarked,
    message: /RSA keys of 2048 bits or more/,
    files: makePair({ kind: rsaKey(1024) }),
  },
  {
    when: "a key that browsers do not know",
    slug: "web-key-kind",
    at: keyMarked,
    message: /EC keys on P-256/,
    files: makePair({ kind: ["-newkey", "ed25519"] }),
  },
  {
    when: "a curve that the web front does not speak",
    slug: "web-key-kind",
    at: keyMarked,
    message: /P-384/,
    files: makePair({ kind: ecKey("P-521") }),
  },
];
test.for(wrong)("$when is refused, where the file is named", async ({ slug, at, message, files = {}, now }) => {
  const problems = await problemsOf(given(files, now ? { now } : {}));

  expect(problems).toEqual([
    {
      slug,
      message: expect.stringMatching(message),
      where: `c.toml:${marked(at).at}`,
      fix: expect.stringMatching(/./),
    },
  ]);
  const told = JSON.stringify(problems);
  for (const line of (files.key ?? good.key).split("\n").slice(1, -2)) expect(told).not.toContain(line);
});

test("files that are not there are told both, with their names", async () => {
  expect(await problemsOf(given({}, { files: {} }))).toEqual([
    expect.objectContaining({
      slug: "file-missing",
      message: "web.certificate_file 'web.pem': no such file",
      where: `c.toml:${marked(both).at}`,
    }),
    expect.objectContaining({
      slug: "file-missing",
      message: "web.key_file 'web.key': no such file",
      where: `c.toml:${marked(keyMarked).at}`,
    }),
  ]);
});

test("what will have to be done soon is a warning: a certificate's last month, an old one behind it, an open key", async () => {
  const soon = await load(given({}, { now: inDays(61) }));
  expect(soon.warnings).toMatchObject([{ slug: "web-certificate-soon", where: `c.toml:${marked(both).at}` }]);
  expect(soon.certificate).toBeDefined();

  const old = makePair({ by: makePair({ days: 10 }), days: 300 });
  const chain = old.certificate + makePair({ days: 10 }).certificate;
  const behind = await load(given({ ...old, certificate: chain }, { now: inDays(11) }));
  expect(behind.warnings).toMatchObject([
    { slug: "web-certificate-expired", message: expect.stringContaining("certificate 2") },
  ]);

  const open = await load(given({}, { modes: { [`${process.cwd()}/web.key`]: 0o644 } }));
  expect(open.warnings).toMatchObject([{ slug: "web-key-readable", message: expect.stringContaining("(mode 0644)") }]);
});
