import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { allFields } from "../../src/config/tree.ts";
import { firewallRules, worldOpenServices } from "../../src/cluster/firewall.ts";
import { load } from "./world.ts";

const example = readFileSync(new URL("../../example-config.toml", import.meta.url), "utf8");
const env = {
  HAILSTACK_WEB_PASSWORD: "correct horse battery",
  HAILSTACK_VOLUME_PASSWORD: "correct horse battery",
  CEPH_S3_ACCESS_KEY: "access",
  CEPH_S3_SECRET_KEY: "secret",
  S3A_ACCESS_KEY: "access",
  S3A_SECRET_KEY: "secret",
};
const everything = ["state", "ssh_keys", "passwords", "packer", "bundle"] as const;
/** Settings that stand behind a `#`, put to work. */
const switchedOn = example.replaceAll(/^#(?=\w+ = )/gm, "");

test.for([
  { when: "as it is", toml: example },
  { when: "with all that is switched off in it", toml: switchedOn },
])("the example loads for every command, $when, without a warning", async ({ toml }) => {
  expect((await load({ toml, env, needs: everything })).warnings).toEqual([]);
});

/** `table.key` of each setting, as they stand in the text. */
function settings(toml: string): string[] {
  let table = "";
  return toml.split("\n").flatMap((line) => {
    table = /^\[(.+)\]$/.exec(line)?.[1] ?? table;
    const key = /^(\w+) = /.exec(line)?.[1];
    return key === undefined ? [] : [`${table}.${key}`];
  });
}

test("the example shows every field once", () => {
  expect(settings(switchedOn).sort()).toEqual(
    allFields()
      .map(({ path }) => path.join("."))
      .sort(),
  );
});

test("every setting of the example stands below a comment of its own or of its group", () => {
  const paragraphs = example.split("\n\n").slice(1);

  for (const paragraph of paragraphs) expect(paragraph).toMatch(/^# .+\n|\n# .+\n/m);
});

test("the example opens nothing to the world, and no port without a password to anybody", async () => {
  const { config } = await load({ toml: example, env });
  const outside = firewallRules(config).filter(({ from }) => "cidr" in from);

  expect(worldOpenServices(config)).toEqual([]);
  expect([...new Set(outside.map(({ ports }) => ports?.join("-")))]).toEqual(["22-22", "80-80", "443-443"]);
  expect(config.volumes.preserve_on_destroy).toBe(true);
});
