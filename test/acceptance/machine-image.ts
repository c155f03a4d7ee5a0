/**
 * The tests' bundle on a disk that boots as a machine: the lab's base image, baked by this machine's own processor. The
 * same scripts take an emulated one more than an hour, which `npm run acceptance -- image` shows.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bakeRoot, tellStages } from "../nodes/bake-root.ts";
import { serveFiles } from "../nodes/file-server.ts";
import { kit, testInputs } from "../nodes/inputs.ts";
import { cacheFolder, mirrorFolder, place, runBeside } from "../nodes/place.ts";

/** Room for what the bake brings, and for what a node of the acceptance writes. */
const diskGib = 8;

/** Path of a qcow2 image, made of what the checkout holds now and kept; `base` is the lab's. */
export async function machineImage(base: string, loginUser: string, say: (text: string) => void): Promise<string> {
  const folder = join(place, "machine-images");
  const key = JSON.stringify([await testInputs("http://mirror", loginUser), statSync(base).mtimeMs, diskGib]);
  const done = join(folder, `${createHash("sha256").update(key).digest("hex").slice(0, 16)}.qcow2`);
  if (existsSync(done)) return done;

  await mkdir(folder, { recursive: true });
  for (const old of await readdir(folder)) await rm(join(folder, old), { recursive: true });
  await runBeside("mirror", "build");
  const raw = `${done}.${process.pid}`;
  const root = await mkdtemp(`${done}.root-`);
  const mirror = await serveFiles(mirrorFolder);
  try {
    program("qemu-img", "convert", "-O", "raw", base, raw);
    program("qemu-img", "resize", "-q", "-f", "raw", raw, `${diskGib}G`);
    program("resize2fs", raw);
    program("mount", "-o", "loop", raw, root);
    // A link to what the machine will have; the bake resolves names as this machine does.
    const resolver = join(root, "etc/resolv.conf");
    const usual = await readlink(resolver);
    await rm(resolver);
    await copyFile("/etc/resolv.conf", resolver);
    try {
      const log = join(place, "machine-image.log");
      const inputs = await testInputs(mirror.url, loginUser);
      const code = await bakeRoot({ root, kit, inputs, cache: cacheFolder, log }, tellStages(say));
      if (code !== 0) throw new Error(`the bake ended with ${code}; what it said is in ${log}`);
      await rm(resolver);
      await symlink(usual, resolver);
      // The emulator translates what the JVM's second compiler makes, which costs more than it saves.
      await mkdir(join(root, "etc/systemd/system.conf.d"), { recursive: true });
      await writeFile(
        join(root, "etc/systemd/system.conf.d/emulated.conf"),
        "[Manager]\nDefaultEnvironment=JAVA_TOOL_OPTIONS=-XX:TieredStopAtLevel=1\n",
      );
    } finally {
      program("umount", root);
    }
    program("qemu-img", "convert", "-O", "qcow2", raw, `${raw}.qcow2`);
    await rename(`${raw}.qcow2`, done);
  } finally {
    await mirror.close();
    await rm(raw, { force: true });
    await rm(root, { recursive: true });
  }
  return done;
}

const program = (name: string, ...args: string[]): void =>
  void execFileSync(name, args, { stdio: ["ignore", "ignore", "inherit"] });
