import { expect, test } from "vitest";
import {
  fingerprint,
  hostKeyIn,
  hostKeysOfConsole,
  knownHostsText,
  readKnownHosts,
} from "../../src/cluster/host-keys.ts";
import { knownHostsKey, readPins, storePins } from "../../src/cluster/known-hosts.ts";
import { bucketOf } from "../support/memory-bucket.ts";
import { bare, keyPair } from "../support/ssh-server.ts";

const [one, two, three] = [keyPair(), keyPair(), keyPair()].map((pair) => bare(pair.public)) as [
  string,
  string,
  string,
];
/** `ssh-keygen -l` says this of it. */
const known = {
  key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIIn1liHMNDGDsYkarULEIR291cwfGbEKRLv0+n/X1S1",
  fingerprint: "SHA256:I9Me+/jaJ2LN25MGXkNjyUfndh7H33HVJ3znzv1clQ8",
};
const block = (...lines: string[]) =>
  ["-----BEGIN SSH HOST KEY KEYS-----", ...lines, "-----END SSH HOST KEY KEYS-----", ""].join("\r\n");

test("a fingerprint is OpenSSH's", () => {
  expect(fingerprint(known.key)).toBe(known.fingerprint);
});

test.for([
  ["as cloud-init prints them", block(`${one} root@c1`, `${two} root@c1`), [one, two]],
  [
    "behind a kernel's and a logger's words",
    block(`[   12.345678] cloud-init[512]: ${one} root@c1`, `Nov 26 18:00:00 c1 ec2: ${two}`).replace(
      /^/gm,
      "[  9.1] ",
    ),
    [one, two],
  ],
  ["among others' lines", block(`${one} root@c1`, "[ 13.0] eth0: link up", two), [one, two]],
  ["the last block's", block(one) + block(two), [two]],
  ["of whole blocks only", block(one) + block(two).split("-----END")[0], [one]],
  ["not one that began in the lost part of the log", `${block(one).split("KEYS-----\r\n")[1]}`, undefined],
  [
    "without one that is cut or mixed with a word",
    block(one.slice(0, -9), two.replace("AAAA", "AAAA[1]"), three),
    [three],
  ],
  ["none from an empty block", block(), undefined],
  ["none from a log without", "c1 login:", undefined],
] as const)("keys in a console log: %s", ([, log, keys]) => {
  expect(hostKeysOfConsole(log)).toEqual(keys);
});

test.for([
  ["an authority's line", `@cert-authority * ${one}`, one],
  ["a type that is not its blob's", one.replace("ssh-ed25519", "ssh-rsa"), undefined],
  ["an old type", "ssh-dss AAAAB3NzaC1kc3MAAACB", undefined],
  ["a certificate", "ssh-ed25519-cert-v01@openssh.com AAAAIHNzaC1l", undefined],
] as const)("a key in %s", ([, line, key]) => {
  expect(hostKeyIn(line)).toBe(key);
});

test("a known_hosts file is read back, whatever else is in it", () => {
  const hosts = { "i-1": [one, two], "3f0c-2": [three] };
  const text = knownHostsText(hosts);
  expect(text.split("\n").slice(0, -1)).toEqual([`3f0c-2 ${three}`, `i-1 ${one}`, `i-1 ${two}`].toSorted());
  expect(readKnownHosts(`# a comment\n\n@revoked i-1 ${three}\n${text}i-1 nonsense\n`)).toEqual({
    "i-1": [one, two].toSorted(),
    "3f0c-2": [three],
  });
});

test("pins are stored beside the others', over their own", async () => {
  const bucket = bucketOf({});
  expect(await readPins(bucket, "c1")).toEqual({});
  await storePins(bucket, "c1", { a: [one], b: [two] });
  await storePins(bucket, "c1", { b: [three] });
  expect(await readPins(bucket, "c1")).toEqual({ a: [one], b: [three] });
  expect(bucket.keys()).toEqual([knownHostsKey("c1")]);
});
