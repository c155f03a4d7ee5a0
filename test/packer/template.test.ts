/** The template before the real Packer and its plugin, with what `build-image` gives it. */
import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { Build } from "../../src/commands/build-image.ts";
import { renderBuild } from "../../src/commands/build-inputs.ts";
import { bundle, configOf } from "../support/plans.ts";
import { refusalOf } from "../support/errors.ts";
import { startPlainCloud } from "../tools/openstack-template.ts";
import { hasPacker, openPackerRig, type PackerRig } from "../tools/packer-rig.ts";
import { kit } from "./rig.ts";

if (!hasPacker)
  process.stderr.write("template.test.ts is skipped in part: Packer is not built, 'npm run toolchain' does that\n");

const text = readFileSync(join(kit, "hailstack.pkr.hcl"), "utf8");
const declared = [...text.matchAll(/^variable "(\w+)"/gm)].map(([, name = ""]) => name).toSorted();
/** What the adapter adds to a build's own: places on this machine. */
const ofAdapter = ["inputs_dir", "results_dir", "ssh_private_key_file"];

/** As `build-image` renders a build; ids are the cloud's where there is one. */
function rendered(ids: { image: string; flavour: string; network: string }, logFile = "/nowhere/log", childEnv = {}) {
  const config = configOf({ "packer.base_image": "debian-12" });
  // Of a build it takes no more than this.
  const build = {
    id: "0123456789abcdef",
    bundle,
    packer: config.packer,
    loaded: { config, secrets: [] },
    cloud: { childEnv },
    site: { base: { id: ids.image }, flavour: { id: ids.flavour }, network: { id: ids.network } },
    files: { lock: "", proxy: { url: "", noProxy: "", secrets: [] }, scripts: { path: kit, digest: "d" } },
    logFile,
    started: new Date(0),
  } as unknown as Build;
  // Packer reads it, also when it only checks.
  const { privateKey: key } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const privateKey = key.export({ type: "pkcs1", format: "pem" }).toString();
  return renderBuild(build, { privateKey, securityGroupId: "g", floatingIpId: "", address: "" });
}
const anyIds = { image: "i", flavour: "f", network: "n" };

test("each variable of the template is given, and none that it has not", () => {
  const { variables } = rendered(anyIds);
  expect([...Object.keys(variables), ...ofAdapter].toSorted()).toEqual(declared);
});

test("each variable is used, and has no default that would hide one that is missing", () => {
  const body = text.slice(text.indexOf("\nsource "));
  expect(declared.filter((name) => !new RegExp(`\\bvar\\.${name}\\b`).test(body))).toEqual([]);
  expect(text).not.toMatch(/^\s*default\s*=/m);
});

test("Glance's properties tell the bundle, its versions and where the image comes from", () => {
  const properties = rendered(anyIds).variables["image_properties"];
  expect(properties).toMatchObject({
    hailstack_kind: "image",
    hailstack_bundle: bundle.id,
    hailstack_base_image: "i",
    hailstack_scripts_digest: "d",
    hailstack_hail_version: bundle.hail,
    hailstack_gnomad_package_version: bundle.gnomad_package,
  });
});

describe.skipIf(!hasPacker)("the real Packer", () => {
  let rig: PackerRig;
  beforeEach(async () => void (rig = await openPackerRig()));
  afterEach(() => rig.remove());

  async function build() {
    const cloud = await startPlainCloud();
    onTestFinished(() => cloud.stop());
    const [image] = cloud.state.images.values();
    const [flavour] = cloud.state.flavours.values();
    const [network] = cloud.state.networks.values();
    const ids = { image: image?.id ?? "", flavour: flavour?.id ?? "", network: network?.id ?? "" };
    return { cloud, build: rendered(ids, rig.logFile, cloud.env) };
  }

  test("takes the template with exactly these variables, and makes nothing for it", async () => {
    const { cloud, build: whole } = await build();
    const before = cloud.objects();
    await rig.open().validate(whole);
    expect(cloud.objects()).toEqual(before);
    expect(cloud.surprises).toEqual([]);
  });

  test.for(["flavour_id", "image_properties"])("does not without %s", async (name) => {
    const { build: whole } = await build();
    const variables = Object.fromEntries(Object.entries(whole.variables).filter(([key]) => key !== name));
    const { exitCode, problems } = await refusalOf(rig.open().validate({ ...whole, variables }));
    expect([exitCode, problems[0]?.slug]).toEqual([1, "image-template-refused"]);
    expect(problems[0]?.excerpt?.join("\n")).toMatch(new RegExp(`Unset variable "${name}"`));
  });
});
