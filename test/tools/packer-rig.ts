/** The real Packer with templates of a test's own, below one folder. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { createMask } from "../../src/terminal/mask.ts";
import { openImageBuilder } from "../../src/tools/packer.ts";
import { pluginProtocol, requireTools, toolchainCache } from "../../src/tools/toolchain.ts";
import type { Env, ImageBuild, Interrupts, Progress } from "../../src/world.ts";

const toolchain = process.env.HAILSTACK_TOOLCHAIN ?? toolchainCache(join(homedir(), ".cache/hailstack"));
/** `npm test` builds it; whoever runs single tests by hand may do without. */
export const hasPacker = ["packer", "packer-plugin-openstack"].every((name) => existsSync(join(toolchain, name)));
export const programOf = (name: string) => join(toolchain, name);

/** Signals that a test sends by hand. */
export function handInterrupts() {
  const listeners = new Set<(count: number, signal: NodeJS.Signals) => void>();
  let count = 0;
  const interrupts: Interrupts = {
    listen(heard) {
      listeners.add(heard);
      return () => void listeners.delete(heard);
    },
    exitCode: () => (count === 0 ? undefined : 130),
  };
  return {
    ...interrupts,
    send(): void {
      count += 1;
      for (const heard of listeners) heard(count, "SIGINT");
    },
  };
}

/** Of a null builder whose scripts run here: `scripts` in order, each the lines of one. */
export const nullTemplate = (...scripts: readonly string[]): string => `
variable "inputs_dir" { type = string }
variable "results_dir" { type = string }
variable "ssh_private_key_file" { type = string }
variable "word" {
  type    = string
  default = ""
}
source "null" "image" { communicator = "none" }
build {
  sources = ["source.null.image"]
${scripts.map((script) => `  provisioner "shell-local" {\n    environment_vars = ["INPUTS=\${var.inputs_dir}", "RESULTS=\${var.results_dir}", "KEY=\${var.ssh_private_key_file}", "WORD=\${var.word}"]\n    inline = [${JSON.stringify(script).replaceAll("${", "$${")}]\n  }`).join("\n")}
}
`;

export async function openPackerRig(parent?: string) {
  const folder = parent ?? mkdtempSync(join(tmpdir(), "hsp-"));
  const runDir = join(folder, "run");
  const template = join(folder, "template");
  for (const path of [runDir, template]) mkdirSync(path, { recursive: true, mode: 0o700 });
  const logFile = join(folder, "logs/build.log");
  const places = { env: { HAILSTACK_TOOLCHAIN: toolchain }, besideExecutable: "/nonexistent", cache: "/nonexistent" };
  const tools = await requireTools(places, ["packer", "packer-plugin-openstack"]);
  const plugin = tools["packer-plugin-openstack"];
  const protocol = await pluginProtocol(places, plugin.path);
  const events: Progress[] = [];

  return {
    folder,
    runDir,
    logFile,
    events,
    /** Lines of progress as people would read them, without times. */
    told: () => events.flatMap(line),
    log: () => readFileSync(logFile, "utf8"),
    build(text: string, more: Partial<ImageBuild> = {}): ImageBuild {
      writeFileSync(join(template, "image.pkr.hcl"), text);
      const usual = { variables: {}, cloudEnv: {}, files: {}, sshPrivateKey: "key\n", secrets: [] };
      return { template, logFile, ...usual, ...more };
    },
    open(interrupts: Interrupts = handInterrupts(), more: { cleanupMs?: number; report?(one: Progress): void } = {}) {
      const mask = createMask();
      const baseEnv: Env = { PATH: process.env.PATH };
      const report = (one: Progress) => {
        events.push(one);
        more.report?.(one);
      };
      return openImageBuilder({
        packer: tools.packer,
        plugin: { ...plugin, protocol },
        baseEnv,
        runDir,
        socketDir: runDir,
        hide: (secrets) => mask.add(secrets),
        masked: (said) => mask.apply(said),
        interrupts,
        ...more,
        report,
      });
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
export type PackerRig = Awaited<ReturnType<typeof openPackerRig>>;

function line(one: Progress): string[] {
  if (one.event === "note") return [`note ${one.message}`];
  if (one.event === "warning") return [`warning ${one.slug}`];
  if (one.event !== "stage" || one.detail !== undefined) return [];
  return [`${one.step ? `${one.step}/${one.of} ` : ""}${one.stage} ${one.state}`];
}
