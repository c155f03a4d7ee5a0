import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openFiles } from "../../src/host/files.ts";
import { testFolder } from "./folder.ts";
import { problemOf } from "./problem.ts";

const files = openFiles();
const mib = 1024 * 1024;
const isRoot = process.getuid?.() === 0;

async function listenOn(path: string): Promise<void> {
  const server = createServer().listen(path);
  await once(server, "listening");
  onTestFinished(() => void server.close());
}

test.for([
  { what: "is missing", slug: "file-missing", message: "no such file", make: async () => {} },
  {
    what: "is below a file",
    slug: "file-missing",
    message: "no such file",
    make: (path: string) => writeFile(path, ""),
    below: "/x",
  },
  {
    what: "is a directory",
    slug: "file-not-regular",
    message: "this is a directory, not a file",
    make: (path: string) => mkdir(path),
  },
  {
    what: "is a FIFO that nobody writes to",
    slug: "file-not-regular",
    message: "this is a FIFO (named pipe), not a file",
    make: async (path: string) => void execFileSync("mkfifo", [path]),
  },
  {
    what: "is a socket",
    slug: "file-not-regular",
    message: "this is a socket or a device, not a file",
    make: listenOn,
  },
  {
    what: "is a device",
    slug: "file-not-regular",
    message: "this is a device, not a file",
    make: (path: string) => symlink("/dev/zero", path),
  },
  {
    what: "is a link to itself",
    slug: "file-unreadable",
    message: "cannot read the file: too many symbolic links",
    make: (path: string) => symlink(path, path),
  },
  {
    what: "has too long a name",
    slug: "file-unreadable",
    message: "cannot read the file: the path is too long",
    make: async () => {},
    below: "x".repeat(300),
  },
  {
    what: "has a NUL in its name",
    slug: "file-unreadable",
    message: "cannot read the file: the path holds a NUL character",
    make: async () => {},
    below: "\0",
  },
  {
    what: "breaks while it is read",
    slug: "file-unreadable",
    message: "cannot read the file: input/output error",
    make: (path: string) => symlink("/proc/self/mem", path),
  },
  {
    what: "is larger than 1 MiB",
    slug: "file-too-large",
    message: "the file is larger than 1 MiB, which no file that hailstack reads needs to be",
    make: (path: string) => writeFile(path, Buffer.alloc(mib + 1, "a")),
  },
  {
    what: "is UTF-16",
    slug: "file-not-text",
    message: "the file is UTF-16: its byte order mark is at byte offset 0",
    make: (path: string) => writeFile(path, "\uFEFF[cluster]", "utf16le"),
  },
  {
    what: "is UTF-16 without a byte order mark",
    slug: "file-not-text",
    message: "the file is not text: there is a NUL byte at byte offset 1",
    make: (path: string) => writeFile(path, "[cluster]", "utf16le"),
  },
  {
    what: "holds a NUL byte behind text of two bytes a character",
    slug: "file-not-text",
    message: "the file is not text: there is a NUL byte at byte offset 4",
    make: (path: string) => writeFile(path, "éé\0"),
  },
  {
    what: "is Latin-1",
    slug: "file-not-text",
    message: "the file is not UTF-8 at byte offset 3",
    make: (path: string) => writeFile(path, "Caf\u00E9 au lait", "latin1"),
  },
])("a file that $what is refused with exit 2", async ({ slug, message, make, below = "" }) => {
  const path = join(await testFolder(), "my config.toml");
  await make(path);

  expect(await problemOf(files.readText(path + below))).toMatchObject({
    exitCode: 2,
    slug,
    message,
    where: path + below,
  });
});

test.skipIf(isRoot)("a file without read permission is refused with exit 2", async () => {
  const path = join(await testFolder(), "my.toml");
  await writeFile(path, "");
  await chmod(path, 0);

  expect(await problemOf(files.readText(path))).toMatchObject({
    exitCode: 2,
    slug: "file-unreadable",
    message: "cannot read the file: permission denied",
  });
});

test.for([
  { what: "a lone continuation byte", bytes: [0x61, 0x80, 0x62], offset: 1 },
  { what: "a sequence cut off at the end", bytes: [0x61, 0xe6, 0xbc], offset: 1 },
  { what: "a sequence cut off within", bytes: [0xc3, 0xa9, 0xe6, 0xbc, 0x61], offset: 2 },
  { what: "an overlong slash", bytes: [0x2f, 0xc0, 0xaf], offset: 1 },
  { what: "a surrogate", bytes: [0x61, 0x61, 0xed, 0xa0, 0x80], offset: 2 },
  { what: "a bad byte after a real U+FFFD", bytes: [0xef, 0xbf, 0xbd, 0x61, 0xff], offset: 4 },
  { what: "a bad byte after a byte order mark", bytes: [0xef, 0xbb, 0xbf, 0x61, 0xff], offset: 4 },
  { what: "a bad byte before a NUL byte", bytes: [0xff, 0x00], offset: 0 },
])("$what is found at byte $offset", async ({ bytes, offset }) => {
  const path = join(await testFolder(), "my.toml");
  await writeFile(path, Buffer.from(bytes));

  expect((await problemOf(files.readText(path))).message).toBe(`the file is not UTF-8 at byte offset ${offset}`);
});

test.for([
  { what: "nothing", content: "", text: "" },
  { what: "a byte order mark", content: "\uFEFFa = 1\n", text: "a = 1\n" },
  { what: "Windows line ends", content: "a = 1\r\nb = 2\r\n", text: "a = 1\r\nb = 2\r\n" },
  { what: "all planes and a real U+FFFD", content: "é漢😀\uFFFD", text: "é漢😀\uFFFD" },
  { what: "exactly 1 MiB", content: "a".repeat(mib), text: "a".repeat(mib) },
])("a file with $what is read", async ({ content, text }) => {
  const path = join(await testFolder(), "-a b\n漢.toml");
  await writeFile(path, content);

  expect(await files.readText(path)).toBe(text);
  expect(await files.readTextIfThere(path)).toBe(text);
});

test("a file of /proc, which claims to be empty, is read", async () => {
  expect(await files.readText("/proc/self/status")).toContain("Name:");
});

test("whether a file is there, and its permissions, can be asked", async () => {
  const folder = await testFolder();
  const path = join(folder, "my.toml");
  expect(await files.exists(path)).toBe(false);
  expect(await files.mode(path)).toBeUndefined();
  expect(await files.readTextIfThere(path)).toBeUndefined();

  await writeFile(path, "");
  await chmod(path, 0o640);

  expect(await files.exists(path)).toBe(true);
  expect(await files.mode(path)).toBe(0o640);
  expect((await problemOf(files.mode("x".repeat(300)))).slug).toBe("file-unreadable");
});
