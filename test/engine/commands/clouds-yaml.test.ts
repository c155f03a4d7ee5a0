/** Credentials from a clouds.yaml alone: whatever OS_CLOUD says, the engine's plugin gets them resolved. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openRig } from "./watched.ts";

const rig = await openRig({});
const file = join(rig.folder, "site-clouds.yaml");
const { OS_AUTH_URL, OS_USERNAME, OS_PASSWORD, OS_PROJECT_NAME } = rig.env;
const withoutVariables = Object.fromEntries(
  Object.keys(rig.env)
    .filter((name) => name.startsWith("OS_"))
    .map((name) => [name, undefined]),
);
const fromFile = rig.withEnv({ ...withoutVariables, OS_CLOUD: "site", OS_CLIENT_CONFIG_FILE: file });

test("make a cluster that the variables find unchanged", async () => {
  writeFileSync(
    file,
    JSON.stringify({
      clouds: {
        site: {
          auth: {
            auth_url: OS_AUTH_URL,
            username: OS_USERNAME,
            password: OS_PASSWORD,
            project_name: OS_PROJECT_NAME,
            user_domain_name: "Default",
            project_domain_name: "Default",
          },
          region_name: "RegionOne",
        },
      },
    }),
    { mode: 0o600 },
  );
  const made = await fromFile.hailstack("create");
  rmSync(file);
  expect([made.code, made.stderr.includes("error[")]).toEqual([0, false]);

  const again = await rig.hailstack("create");
  expect(again.stdout).toContain("0 changes");
});
