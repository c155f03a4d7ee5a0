/** A bed belongs to one process, and goes with it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bedName, holdBed, leftOf } from "../nodes/bed.ts";
import { run } from "../nodes/place.ts";
import { noNodes } from "./real-cluster.ts";

const name = bedName({ bed: "e", net: "10.97.5" });

test.skipIf(noNodes)(
  "nobody else gets a bed that is held, and nothing is left of it when its holder is killed",
  async () => {
    const root = run("nodes", "base").trim();
    const script = join(import.meta.dirname, "holds-bed.ts");
    const holder = spawn(process.execPath, [script, name.bed, name.net, root], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(holder.stdout, "data");

    expect(leftOf(name.bed)).toEqual(
      expect.arrayContaining(["node c1-master", `network name space hs${name.bed}-c1-master`]),
    );
    await expect(holdBed(name)).rejects.toThrow("somebody else may hold the bed");

    holder.kill("SIGKILL");
    await expect.poll(() => leftOf(name.bed), { timeout: 60_000 }).toEqual([]);
  },
);
