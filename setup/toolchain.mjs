/** Builds the programs that no package registry has as such, from pinned Go modules (toolchain/README.md). */
import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { cache, hashOf, root, run, step } from "./steps.mjs";

const pulumiVersion = "v3.257.0";
/** What `create` and its kin need. */
export const engineTools = {
  pulumi: {
    target: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    ldflags: `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${pulumiVersion}`,
  },
  "pulumi-resource-openstack": { target: ".", ldflags: "-s -w" },
};
/** What `build-image` needs besides. */
export const imageTools = {
  packer: { target: "github.com/hashicorp/packer", ldflags: "-s -w" },
  "packer-plugin-openstack": { target: "github.com/hashicorp/packer-plugin-openstack", ldflags: "-s -w" },
};

/** Builds what is not there yet, one after another; the folder that then holds them all. */
export async function buildToolchain(tools) {
  const key = hashOf(["toolchain"], process.platform, process.arch);
  const folder = join(cache, "toolchain", key);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [name, { target, ldflags }] of Object.entries(tools)) {
    await step(`${name} (a few minutes the first time)`, join(folder, `.${name}`), toolKey(name), async () => {
      requireGo();
      const output = join(cache, "toolchain", `${name}-${toolKey(name)}`);
      const args = ["build", "-trimpath", "-ldflags", ldflags, "-o", `${output}.part`, target];
      await run("go", args, { cwd: join(root, "toolchain", name), log: `${output}.log`, env: goEnv() });
      renameSync(`${output}.part`, output);
      rmSync(join(folder, name), { force: true });
      linkSync(output, join(folder, name));
    });
  }
  const current = join(cache, "toolchain", "current");
  rmSync(`${current}.new`, { force: true });
  symlinkSync(key, `${current}.new`);
  renameSync(`${current}.new`, current);
  return folder;
}

const toolKey = (name) => hashOf([`toolchain/${name}`], JSON.stringify({ ...engineTools, ...imageTools }[name]));

/** The pinned sums decide what is built, not the settings of this machine. */
const goEnv = () => ({ ...process.env, GOFLAGS: "-mod=readonly", GOWORK: "off", CGO_ENABLED: "0" });

function requireGo() {
  let version;
  try {
    version = /go(\d+)\.(\d+)/.exec(execFileSync("go", ["version"], { encoding: "utf8" }));
  } catch {
    throw new Error("go is not on PATH; the toolchain is built with Go 1.25 or newer");
  }
  if (!version || Number(version[1]) < 1 || Number(version[2]) < 25)
    throw new Error(`Go 1.25 or newer is needed, found ${version?.[0]}`);
}
