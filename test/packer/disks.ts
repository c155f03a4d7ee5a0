/** Disks as they may come to a node, as sparse files: empty ones, and all kinds of what must not be formatted. */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, existsSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";

const mebibyte = 1024 * 1024;
export const size = 40 * mebibyte;
export const label = "hailstack-0123456789abcdef";
type Make = (path: string) => void;

/** Writes `bytes` at `at`; from the end where that is negative. */
const bytes =
  (at: number, data: string | Buffer): Make =>
  (path) => {
    const handle = openSync(path, "r+");
    writeSync(handle, Buffer.from(data), 0, Buffer.from(data).length, at < 0 ? size + at : at);
    closeSync(handle);
  };
/** Runs a program on it, which finds its place where the word FILE is. */
const by =
  (program: string, ...args: string[]): Make =>
  (path) => {
    execFileSync(
      program,
      args.map((each) => (each === "FILE" ? path : each)),
      { stdio: ["pipe", "ignore", "pipe"] },
    );
  };
const sfdisk =
  (script: string): Make =>
  (path) => {
    execFileSync("sfdisk", ["-q", path], { input: script, stdio: ["pipe", "ignore", "ignore"] });
  };
const both =
  (...makes: Make[]): Make =>
  (path) =>
    makes.forEach((make) => make(path));
/** A LUKS disk with the passphrase `secret` and `more` behind it. */
export const luks =
  (type: "luks1" | "luks2", name: string, more = ""): Make =>
  (path) => {
    const cheap = ["--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "1000"];
    const named = name === "" ? [] : ["--label", name];
    execFileSync(
      "cryptsetup",
      ["luksFormat", "--type", type, "--batch-mode", ...cheap, ...named, "--key-file", "-", path],
      {
        input: `secret${more}`,
        stdio: ["pipe", "ignore", "pipe"],
      },
    );
  };
const erase = (from: number, to: number): Make => bytes(from, Buffer.alloc(to - from));

/** An empty file of `size` below `folder`, made into the disk by `make`. */
export function disk(folder: string, name: string, make: Make): string {
  const path = join(folder, name.replaceAll(/\W+/g, "-"));
  const handle = openSync(path, "wx");
  ftruncateSync(handle, size);
  closeSync(handle);
  make(path);
  return path;
}

const has = (program: string) => ["/usr/sbin", "/sbin", "/usr/bin"].some((folder) => existsSync(join(folder, program)));
/** By the program where this machine has it, else its first bytes. */
const made = (program: string, make: Make, magic: Make): Make => (has(program) ? make : magic);

/** What nobody may format, by what it is. */
export const precious: Readonly<Record<string, Make>> = {
  ext2: by("mkfs.ext4", "-q", "-F", "-O", "^has_journal", "FILE"),
  ext4: by("mkfs.ext4", "-q", "-F", "FILE"),
  "ext4 without its first superblock": both(by("mkfs.ext4", "-q", "-F", "FILE"), erase(0, 4096)),
  xfs: made("mkfs.xfs", by("mkfs.xfs", "-q", "-f", "-d", "size=40m", "--unsupported", "FILE"), bytes(0, "XFSB")),
  btrfs: bytes(0x10_040, "_BHRfS_M"),
  "zfs at the beginning": bytes(128 * 1024, Buffer.from("0cb1ba0000000000", "hex")),
  "zfs at the end": bytes(-256 * 1024 + 128 * 1024, Buffer.from("0cb1ba0000000000", "hex")),
  "an LVM physical volume": bytes(512, `LABELONE${"\0".repeat(16)}LVM2 001`),
  "a RAID member, at the end": bytes(-8 * 1024, Buffer.from("fc4e2ba9", "hex")),
  "a RAID member, at the beginning": bytes(4096, Buffer.from("fc4e2ba901000000", "hex")),
  swap: by("mkswap", "FILE"),
  "an empty GPT": sfdisk("label: gpt\n"),
  "a GPT with a partition": sfdisk("label: gpt\nstart=2048, size=4096\n"),
  "a GPT of which the end alone is left": both(sfdisk("label: gpt\nstart=2048, size=4096\n"), erase(0, mebibyte)),
  "an empty MBR": sfdisk("label: dos\n"),
  "an MBR with a partition": sfdisk("label: dos\nstart=2048, size=4096, type=83\n"),
  LUKS1: luks("luks1", ""),
  "LUKS2 without a label": luks("luks2", ""),
  "LUKS2 of another cluster": luks("luks2", "hailstack-fedcba9876543210"),
  "LUKS2 of which the second header alone is left": both(luks("luks2", ""), erase(0, 4096)),
  "our LUKS2 with a first header that is not whole": both(
    luks("luks2", label),
    bytes(4096, randomBytes(4096)),
    bytes(0x5000, randomBytes(4096)),
  ),
  "the first six bytes of LUKS": bytes(0, Buffer.from("4c554b53babe", "hex")),
  "key material of LUKS without its header": both(luks("luks2", ""), erase(0, 32_768)),
  "random bytes all over": both(...Array.from({ length: 40 }, (_, at) => bytes(at * mebibyte, randomBytes(mebibyte)))),
  "one byte at the beginning": bytes(0, "x"),
  "one byte before the end of the first 16 MiB": bytes(16 * mebibyte - 1, "x"),
  "one byte at the beginning of the last 16 MiB": bytes(-16 * mebibyte, "x"),
  "one byte at the end": bytes(-1, "x"),
  "ones all over the first block": bytes(0, Buffer.alloc(4096, 0xff)),
  "an ISO 9660": bytes(32_768, "\u0001CD001\u0001"),
  "a FAT": bytes(0, Buffer.concat([Buffer.from("eb3c90", "hex"), Buffer.from("MSDOS5.0")])),
  NTFS: bytes(3, "NTFS    "),
  BitLocker: bytes(3, "-FVE-FS-"),
  text: bytes(0, "do not lose this\n"),
  "a tar": bytes(257, "ustar  "),
};
