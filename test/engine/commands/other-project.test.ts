/** One bucket, two projects: a cluster's name belongs to the project that took it first. */
import { expect, test } from "vitest";
import { bundleId } from "../../support/rig.ts";
import { openRig, slugs, succeeds, watched } from "./watched.ts";

const theirs = { name: "eve", password: "canary-eves-password", projects: ["theirs"] };
const ours = { name: "demo", password: "canary-demos-password", projects: ["demo"] };
const rig = await openRig({ cloud: { images: [{ name: `hailstack-${bundleId}` }], users: [ours, theirs] } });
const asEve = rig.withEnv({ OS_USERNAME: theirs.name, OS_PASSWORD: theirs.password, OS_PROJECT_NAME: "theirs" });

test("the other project's credentials are refused by every command that could change the cluster", async () => {
  await succeeds(rig, "create");

  for (const command of [["create"], ["create", "--dry-run"], ["destroy", "--yes", "c1"]]) {
    const run = await watched(rig, () => asEve.hailstack(...command));

    expect([command, run.code, slugs(run)]).toEqual([command, 3, ["other-project"]]);
    expect(run.stderr).toMatch(
      /'c1' of this bucket belongs to project [0-9a-f]{32}, and these credentials to theirs \(/,
    );
    expect([run.writes, run.stored]).toEqual([[], []]);
  }
});
