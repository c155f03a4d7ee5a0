import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { draftConfig, type Found } from "../../src/config/init.ts";
import { checkout } from "../support/checkout.ts";
import { internal, publicKey } from "../support/plans.ts";

const example = readFileSync(join(checkout, "example-config.toml"), "utf8");
const flavour = { id: "f", name: "m2.large", vcpus: 8, ramMib: 32_768, diskGib: 20 };
const draft = (found: Partial<Found>) =>
  draftConfig(example, { name: "c1", flavours: [flavour], networks: [internal("inside")], keypairs: [], ...found });

test("names that a config could not hold become no line of it", () => {
  const hostile = 'x\n[extras]\nsystem_packages = ["evil"]\n#';
  const text = draft({
    flavours: [{ ...flavour, name: hostile }, flavour],
    networks: [internal(hostile), internal("inside")],
  });
  expect(text).not.toContain("evil");
  expect(text).toContain('network_name = "inside"');
  expect(text).toContain('master_flavour = "m2.large"');
});

test("of the project's keys it takes those a node could use, each once", () => {
  const pair = (name: string, key: string) => ({ name, publicKey: key, fingerprint: "f" });
  const keypairs = [pair("laptop", publicKey), pair("c1-keypair", `${publicKey}\n`), pair("old", "ssh-dss AAAAB3Nz")];
  expect(draft({ keypairs })).toContain(`public_keys = ["${publicKey}"]`);
});
