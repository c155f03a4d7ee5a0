/** What a node does with a disk: formatted is the empty one, and no other; nothing is written to any while it decides. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { disk, label, luks, precious } from "./disks.ts";
import { temporaryFolder } from "./rig.ts";
import { inPython, volume } from "./node-rig.ts";

vi.setConfig({ testTimeout: 300_000 });
const missing = ["cryptsetup", "blkid", "sfdisk", "mkfs.ext4"].filter(
  (program) => spawnSync("sh", ["-c", `PATH=/usr/sbin:/sbin:$PATH command -v ${program}`]).status !== 0,
);
if (missing.length > 0) process.stderr.write(`volume-decision.test.ts: disks are skipped: no ${missing.join(", ")}\n`);

type Decision = { action: string; device: string; begun: boolean; code: string; why: string };
const decideCode = `
import dataclasses, json, sys
from hailstack_node import disk
kind, label, begun, *paths = sys.argv[1:]
print(json.dumps([dataclasses.asdict(disk.decide(path, kind, label, begun == "begun")) for path in paths]))`;

async function decide(kind: string, paths: readonly string[], begun = ""): Promise<Decision[]> {
  const { code, out } = await inPython(decideCode, kind, label, begun, ...paths);
  if (code !== 0) throw new Error(out);
  return JSON.parse(out);
}
const digest = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");
const token = (path: string) =>
  spawnSync("cryptsetup", ["token", "import", "--json-file", "-", path], {
    input: '{"type":"hailstack-fresh","keyslots":[]}',
  });

describe.skipIf(missing.length > 0)("disks", () => {
  beforeAll(() => {
    process.env["PATH"] = `/usr/sbin:/sbin:${process.env["PATH"]}`;
  });

  test("of a new volume: of all that may lie there not one is formatted, opened or touched", async () => {
    const folder = temporaryFolder();
    const disks = Object.entries(precious).map(([name, make]) => [name, disk(folder, name, make)] as const);
    const before = disks.map(([, path]) => digest(path));
    const decisions = await decide(
      "new",
      disks.map(([, path]) => path),
    );

    expect(disks.length).toBeGreaterThanOrEqual(30);
    expect(disks.map(([name], at) => [name, decisions[at]?.action, decisions[at]?.code])).toEqual(
      disks.map(([name]) => [name, "refuse", "foreign-disk"]),
    );
    expect(disks.map(([, path]) => digest(path))).toEqual(before);
  });

  test("of a new volume: the blank one is formatted, and ours is opened", async () => {
    const folder = temporaryFolder();
    const [blank, ours] = [disk(folder, "blank", () => {}), disk(folder, "ours", luks("luks2", label))];
    const unfinished = disk(folder, "unfinished", luks("luks2", label));
    token(unfinished);
    expect((await decide("new", [blank, ours, unfinished])).map(({ action, begun }) => [action, begun])).toEqual([
      ["format", false],
      ["open", false],
      ["open", true],
    ]);
  });

  test("what this node had begun to format is formatted again, but for what somebody else put there since", async () => {
    const folder = temporaryFolder();
    const names = ["random bytes all over", "key material of LUKS without its header", "ext4", "LUKS2 without a label"];
    const paths = names.map((name) => disk(folder, name, precious[name] ?? (() => {})));
    expect((await decide("new", paths, "begun")).map(({ action }) => action)).toEqual([
      "format",
      "format",
      "refuse",
      "refuse",
    ]);
  });

  test("of an existing volume: none is formatted, and LUKS of any kind is opened", async () => {
    const folder = temporaryFolder();
    const disks = Object.entries(precious).map(([name, make]) => [name, disk(folder, name, make)] as const);
    const blank = disk(folder, "blank", () => {});
    const decisions = await decide("existing", [...disks.map(([, path]) => path), blank]);

    expect(decisions.filter(({ action }) => action === "format")).toEqual([]);
    const opened = disks.filter((_, at) => decisions[at]?.action === "open").map(([name]) => name);
    expect(opened).toEqual(expect.arrayContaining(["LUKS1", "LUKS2 without a label", "LUKS2 of another cluster"]));
    expect(opened.filter((name) => !name.includes("LUKS"))).toEqual([]);
    expect(decisions.at(-1)).toMatchObject({ action: "refuse", code: "not-luks" });
  });

  test("of an existing volume that was encrypted in its first partition, that one is opened", async () => {
    const folder = temporaryFolder();
    const whole = disk(folder, "vdb", precious["a GPT with a partition"] ?? (() => {}));
    const first = disk(folder, "vdb1", luks("luks1", ""));
    expect(await decide("existing", [whole])).toMatchObject([{ action: "open", device: first }]);
  });

  test("one that is not there or cannot be read is left alone", async () => {
    expect(await decide("new", ["/nowhere/vdb"])).toMatchObject([{ action: "refuse", code: "busy-disk" }]);
  });
});

describe("the disk of a volume", () => {
  const found = async (names: Record<string, string>) => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "by-id"));
    for (const [name, device] of Object.entries(names)) symlinkSync(join(folder, device), join(folder, "by-id", name));
    const code = `
import sys
from hailstack_node import disk
disk.run = lambda *a, **k: None
try: print(disk.find(sys.argv[1], 0, sys.argv[2]))
except disk.Fault as fault: print(fault.code, fault)`;
    const { out } = await inPython(code, volume.id, join(folder, "by-id"));
    return out.trim().replaceAll(`${folder}/`, "");
  };
  const cut = volume.id.slice(0, 20);

  test.for([
    [{ [`virtio-${cut}`]: "vdb", [`virtio-${cut}-part1`]: "vdb1", "virtio-other": "vda" }, "vdb"],
    [{ [`scsi-0QEMU_QEMU_HARDDISK_${volume.id}`]: "sdb", [`scsi-SQEMU_QEMU_HARDDISK_${volume.id}`]: "sdb" }, "sdb"],
  ] as const)("is known by its serial, cut or whole: %o", async ([names, device]) => {
    expect(await found(names)).toBe(device);
  });

  test("is missing with the names of those that are there, and is never one of two", async () => {
    expect(await found({ "virtio-other": "vda" })).toBe(
      `missing-disk no disk called ${volume.id} came within 0 s; there are: virtio-other`,
    );
    expect(await found({ [`virtio-${cut}`]: "vdb", [`scsi-0_${volume.id}`]: "vdc" })).toMatch(
      /^two-disks .*vdb, .*vdc/,
    );
  });
});
