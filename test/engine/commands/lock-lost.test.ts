/** A lock that is taken away from a run: two could then change one cluster. */
import { expect, test } from "vitest";
import { openRig, slugs, succeeds, watched } from "./watched.ts";

const rig = await openRig({
  cloud: { delays: { build: 3_000, attach: 3_000 } },
  fields: { "volumes.create": true, "volumes.size_gb": 10 },
});
const locks = ".pulumi/locks/";
const lockKeys = async () => Object.keys(await rig.objects.etags()).filter((key) => key.startsWith(locks));

test("the run stops, says so, and the next one goes on where it stopped", async () => {
  const { ended } = rig.start("create", "--config", rig.config, "--dotenv", rig.dotenv);
  await expect
    .poll(() => rig.cloud.journal.filter(({ operation }) => operation === "compute.servers.create").length, {
      timeout: 60_000,
    })
    .toBe(3);
  for (const key of await lockKeys()) await rig.objects.delete(key);
  const run = await ended;

  expect([run.code, slugs(run)]).toEqual([4, ["lock-lost"]]);
  expect(run.stderr).toContain("make sure that nobody else is changing the cluster, then run the same command again");
  // Stopped, not taken back: another run may be at work on it.
  expect(rig.cloud.state.servers.size).toBe(3);
  expect(rig.cloud.journal.filter(({ method }) => method === "DELETE")).toEqual([]);

  await succeeds(rig, "create");
  expect(rig.cloud.state.servers.size).toBe(3);
  expect((await watched(rig, ["create"])).writes).toEqual([]);
});
