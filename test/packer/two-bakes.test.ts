/** Packer's bake and the one for the tests' nodes: one list of stages. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, delimiter, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { checkout } from "../support/checkout.ts";
import { bakeRoot } from "../nodes/bake-root.ts";
import { canOverlay, copyOfKit, inOverlay, inputsOf, kit, stages, tellSkipped, temporaryFolder } from "./rig.ts";

tellSkipped("two-bakes.test.ts");
const scripts = readdirSync(join(kit, "scripts")).filter((name) => name.endsWith(".sh"));
const textOf = (name: string) => readFileSync(join(kit, "scripts", name), "utf8");

test("every stage has a script, and every script is a stage or sourced by one", () => {
  expect(new Set(stages).size).toBe(stages.length);
  expect(stages.filter((stage) => !existsSync(join(kit, "scripts", `${stage}.sh`)))).toEqual([]);
  const others = scripts.filter((name) => !stages.includes(basename(name, ".sh")));
  const unused = others.filter(
    (name) => !scripts.some((by) => textOf(by).includes(`. "$HAILSTACK_KIT/scripts/${name}"`)),
  );
  expect(unused).toEqual([]);
});

test("every stage begins with what they share, and every folder of files is a stage's", () => {
  expect(stages.filter((stage) => !/^(#.*\n)+\. "\$HAILSTACK_KIT\/lib\.sh"$/m.test(textOf(`${stage}.sh`)))).toEqual([]);
  expect(readdirSync(join(kit, "files")).filter((name) => !stages.includes(name))).toEqual([]);
});

/** What Packer's template has its build server do, beside making the folders. */
function packersCommands() {
  const template = readFileSync(join(kit, "hailstack.pkr.hcl"), "utf8");
  const inline = [...template.matchAll(/inline\s*=\s*\["([^"]*)"\]/g)].map(([, command = ""]) => command);
  const uploads = [...template.matchAll(/source\s*=\s*"([^"]*)\/"\s*destination\s*=\s*"([^"]*)"/g)];
  return { inline, uploads: uploads.map(([, from = "", to = ""]) => [from, to] as const), all: template };
}

test("Packer's template makes two folders, fills them, and calls bake: no script of its own", () => {
  const { inline, uploads, all } = packersCommands();
  const folders = uploads.map(([, to]) => to).join(" ");
  expect(uploads.map(([from]) => from)).toEqual(["${path.root}", "${var.inputs_dir}"]);
  expect(inline[0]).toBe(`mkdir -m 0700 ${folders}`);
  expect(inline).toHaveLength(2);
  expect(all.match(/^\s*provisioner "(\w+)"/gm)).toHaveLength(5);
  expect(all).not.toMatch(/^\s*(scripts?|shell-local)\b/m);
});

describe.skipIf(!canOverlay)("with every script replaced by one that tells its name", () => {
  function standIns(): string {
    const copy = copyOfKit();
    for (const name of scripts) writeFileSync(join(copy, "scripts", name), `echo "ran ${basename(name, ".sh")}"\n`);
    return copy;
  }
  const toldBy = (lines: readonly string[]) =>
    lines.filter((line) => /^(hailstack-stage|ran) /.test(line)).map((line) => line.replace(/ \d+\.\d$/, ""));
  const expected = stages.flatMap((stage, index) => [
    `hailstack-stage start ${stage} ${index + 1} ${stages.length}`,
    `ran ${stage}`,
    `hailstack-stage done ${stage}`,
  ]);

  test("Packer's build server runs the list", async () => {
    const { inline, uploads } = packersCommands();
    const [, kitPlace = ""] = uploads[0] ?? [];
    const [, inputsPlace = ""] = uploads[1] ?? [];
    const put = { [kitPlace]: standIns(), [inputsPlace]: inputsOf() };
    const { code, out } = await inOverlay(["bash", "-c", inline[1] ?? ""], { put });

    expect([code, toldBy(out.split("\n"))]).toEqual([0, expected]);
  });

  test("and so do the tests' nodes", async () => {
    const { PATH } = process.env;
    onTestFinished(() => void Object.assign(process.env, { PATH }));
    process.env["PATH"] = `${join(checkout, "test/packer/stand-in")}${delimiter}${PATH}`;
    process.env["OVERLAY_WRITTEN"] = temporaryFolder();
    const lines: string[] = [];
    const bake = { root: "/", kit: standIns(), inputs: { "bundle.env": { content: "", mode: 0o644 } } };
    const code = await bakeRoot({ ...bake, log: join(temporaryFolder(), "log") }, (line) => lines.push(line));

    expect([code, toldBy(lines)]).toEqual([0, expected]);
  });
});
