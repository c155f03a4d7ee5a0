/** The real Packer, its scripts on this machine: what it gets, how it ends, and nothing of it left behind. */
import { generateKeyPairSync } from "node:crypto";
import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { refusalOf, refusedWith } from "../support/errors.ts";
import { openstackTemplate, startPlainCloud, unreachable } from "./openstack-template.ts";
import { handInterrupts, hasPacker, nullTemplate, openPackerRig, type PackerRig } from "./packer-rig.ts";

if (!hasPacker) process.stderr.write("packer.test.ts is skipped: Packer is not built, 'npm run toolchain' does that\n");

const stage = (name: string, step: number, of: number) => `echo hailstack-stage start ${name} ${step} ${of}`;
let rig: PackerRig;
beforeEach(async () => {
  if (hasPacker) rig = await openPackerRig();
});
afterEach(() => rig?.remove());

/** A simulated cloud for one test, and what it holds when the test begins. */
async function openCloud(...options: Parameters<typeof startPlainCloud>) {
  const cloud = await startPlainCloud(...options);
  onTestFinished(() => cloud.stop());
  return { cloud, before: cloud.objects() };
}

describe.skipIf(!hasPacker)("a build that goes well", () => {
  const script = [
    stage("base", 1, 2),
    'env > "$RESULTS/env"',
    'stat -c "%a %n" "$INPUTS" "$INPUTS/a" "$INPUTS/a/b.sh" "$KEY" "$RESULTS" > "$RESULTS/modes"',
    'cat "$INPUTS/a/b.sh" "$KEY" > "$RESULTS/texts"; mkdir "$RESULTS/folder"',
    'echo "the password is canary-in-a-script, $WORD"; cat "$KEY"',
    "echo hailstack-stage done base 1; echo hailstack-stage start hail 2 2; echo hailstack-stage done hail 2",
  ].join("; ");
  const more = {
    variables: { word: 'a "quoted", ${plain} word' },
    cloudEnv: { OS_AUTH_URL: "http://127.0.0.1:9/v3", OS_PASSWORD: "canary-cloud" },
    files: { "a/b.sh": "echo b\n", "c.toml": "" },
    sshPrivateKey: "-----BEGIN KEY-----\ncanary-of-a-key\n-----END KEY-----\n",
    secrets: ["canary-in-a-script"],
  };

  test("gives the image's id and the texts the template downloaded; its stages are told as they come", async () => {
    const built = await rig.open().build(rig.build(nullTemplate(script), more));

    expect(built.id).toBe("Null");
    expect(Object.keys(built.results)).toEqual(["env", "modes", "texts"]);
    expect(built.results["texts"]).toBe(`echo b\n${more.sshPrivateKey}`);
    expect(rig.told()).toEqual([
      "running the scripts started",
      "1/2 base started",
      "1/2 base done",
      "2/2 hail started",
      "2/2 hail done",
      "running the scripts done",
    ]);
  });

  test("gets its variables as they are, in files for us alone, and the environment we chose", async () => {
    process.env["AWS_SECRET_ACCESS_KEY"] = "canary-store";
    process.env["HAILSTACK_WEB_PASSWORD"] = "canary-web";
    onTestFinished(() => {
      delete process.env["AWS_SECRET_ACCESS_KEY"];
      delete process.env["HAILSTACK_WEB_PASSWORD"];
    });
    const { results } = await rig.open().build(rig.build(nullTemplate(script), more));

    expect(results["modes"]?.match(/^\d+/gm)).toEqual(["700", "700", "600", "600", "700"]);
    const names = (results["env"] ?? "").split("\n").flatMap((line) => line.split("=")[0] || []);
    const own = names.filter((name) => !name.startsWith("PACKER_"));
    expect(own.toSorted()).toEqual(
      ["CHECKPOINT_DISABLE", "HOME", "INPUTS", "KEY", "OS_AUTH_URL", "OS_PASSWORD", "PATH", "PWD", "RESULTS"].concat([
        "TMPDIR",
        "WORD",
      ]),
    );
    expect(rig.log()).toContain('a "quoted", ${plain} word');
  });

  test("keeps all that is said in a log for us alone, without secrets, and nothing else", async () => {
    const builder = rig.open();
    const build = rig.build(nullTemplate(script), more);
    await builder.validate(build);
    expect(existsSync(rig.logFile)).toBe(false);
    await builder.build(build);

    expect(statSync(rig.logFile).mode & 0o777).toBe(0o600);
    expect(rig.log()).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ {5}the password is \*\*\*, a "quoted"/m);
    expect(rig.log()).not.toMatch(/canary/);
    expect(JSON.stringify(rig.events)).not.toContain("canary");
    expect(readdirSync(rig.runDir).filter((name) => name.startsWith("image-"))).toEqual([]);
    await builder.close();
    expect(existsSync(rig.runDir)).toBe(false);
  });

  test("goes on when its log cannot be written, and says so once", async () => {
    writeFileSync(join(rig.folder, "logs"), "a file where a folder should be");
    const built = await rig.open().build(rig.build(nullTemplate(script), more));

    expect(built.id).toBe("Null");
    expect(rig.told().filter((line) => line.startsWith("warning"))).toEqual(["warning build-log"]);
  });
});

describe.skipIf(!hasPacker)("a build that fails", () => {
  test("tells stage, script, exit code and the last lines, those of stderr too", async () => {
    const failing = `${stage("hail", 1, 1)}; seq 30; sleep 0.5; echo 'E: canary-word' >&2; echo hailstack-stage failed hail hail.sh 7; exit 7`;
    const build = rig.build(nullTemplate(failing), { secrets: ["canary-word"] });
    const { exitCode, problems } = await refusalOf(rig.open().build(build));

    expect(exitCode).toBe(1);
    expect(problems).toEqual([
      {
        slug: "image-build-failed",
        message: "stage 'hail' (1 of 1) failed: hail.sh ended with 7; Packer says nothing of cleaning up",
        where: "hail.sh",
        excerpt: expect.arrayContaining(["29", "30", "E: ***"]),
        fix: `mend the cause and run it again; all that was said is in ${rig.logFile}`,
      },
    ]);
    expect(problems[0]?.excerpt).toHaveLength(20);
    expect(rig.told().slice(-4)).toEqual([
      "1/1 hail failed",
      "running the scripts failed",
      "removing the builder server started",
      "removing the builder server done",
    ]);
  });

  test("in a stage without a word of it, tells Packer's", async () => {
    const [exitCode, slug, message] = await refusedWith(
      rig.open().build(rig.build(nullTemplate(`${stage("hail", 3, 9)}; exit 5`))),
    );
    expect([exitCode, slug]).toEqual([1, "image-build-failed"]);
    expect(message).toContain("stage 'hail' (3 of 9) failed: Script exited with non-zero exit status: 5");
  });

  test("between two stages, tells what was said last", async () => {
    const script = `${stage("base", 1, 2)}; echo hailstack-stage done base 1; echo cannot upload; exit 5`;
    const { problems } = await refusalOf(rig.open().build(rig.build(nullTemplate(script))));
    expect(problems[0]).toMatchObject({ slug: "image-build-failed", excerpt: ["cannot upload"] });
    expect(problems[0]?.message).toMatch(/^failed while running the scripts \(after \d+ s\): Script exited /);
  });

  test("because of the template, tells where in it", async () => {
    const build = rig.build('source "null" "x" { wrong = 1 }\nbuild {\n  sources = ["source.null.x"]\n}\n');
    const builder = rig.open();
    for (const work of [() => builder.validate(build), () => builder.build(build)]) {
      const { exitCode, problems } = await refusalOf(work);
      expect([exitCode, problems[0]?.slug]).toEqual([1, "image-template-refused"]);
      expect(problems[0]?.excerpt?.join("\n")).toMatch(/image\.pkr\.hcl line 1.*An argument named "wrong"/s);
    }
  });
});

describe.skipIf(!hasPacker)("output without end", () => {
  const megabyte = 1024 * 1024;

  test("a flood of lines and a line that never ends take no memory of ours", async () => {
    let peak = 0;
    const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 50);
    onTestFinished(() => clearInterval(watch));
    const before = process.memoryUsage().rss;
    const flood = `${stage("flood", 1, 1)}; yes ${"0123456789".repeat(800)} | head -c 40M; yes long | tr -d '\\n' | head -c 4M; echo; echo hailstack-stage done flood 1`;
    await rig.open().build(rig.build(nullTemplate(flood)));

    expect(statSync(rig.logFile).size).toBeGreaterThan(40 * megabyte);
    expect(rig.log()).toMatch(/^.{32000,33000} \[cut\]$/m);
    expect(peak - before).toBeLessThan(150 * megabyte);
    expect(rig.told()).toContain("1/1 flood done");
  }, 120_000);
});

describe.skipIf(!hasPacker)("with the OpenStack plugin", () => {
  test("a template is checked with a login to the cloud", async () => {
    const { cloud } = await openCloud();
    const build = rig.build(openstackTemplate(cloud), { cloudEnv: cloud.env });
    const builder = rig.open();
    await builder.validate(build);
    expect(cloud.journal.map(({ operation }) => operation)).toContain("identity.tokens.create");

    const wrong = { ...build, cloudEnv: { ...cloud.env, OS_PASSWORD: "wrong" } };
    const { problems } = await refusalOf(builder.validate(wrong));
    expect(problems[0]?.excerpt?.join(" ")).toContain("Authentication failed");
  });

  test("a builder that SSH never reaches is told by phase and time, and nothing of it is left", async () => {
    const { cloud, before } = await openCloud();
    const build = rig.build(openstackTemplate(cloud, { communicator: unreachable }), {
      cloudEnv: cloud.env,
      sshPrivateKey: generateKeyPairSync("rsa", { modulusLength: 2048 })
        .privateKey.export({ type: "pkcs1", format: "pem" })
        .toString(),
    });
    const [exitCode, slug, message] = await refusedWith(rig.open().build(build));

    expect([exitCode, slug]).toEqual([1, "image-builder-unreachable"]);
    expect(message).toMatch(
      /^failed while waiting for SSH on the builder server \(after \d+ s\): Timeout waiting for SSH; Packer cleaned up: Deleted temporary floating IP .*; Terminating the source server: [0-9a-f-]{36}$/,
    );
    expect(cloud.objects()).toEqual(before);
  });

  test.for([
    ["finds no host", { capacity: 0 }, "image-builder-not-launched", "unexpected state 'ERROR'"],
    [
      "is one too many",
      { projects: [{ name: "demo", quotas: { instances: 0 } }] },
      "image-builder-not-launched",
      "Quota exceeded",
    ],
  ] as const)("a builder that %s is told in the cloud's words", async ([, options, slug, words]) => {
    const { cloud, before } = await openCloud(options);
    const refused = await refusedWith(rig.open().build(rig.build(openstackTemplate(cloud), { cloudEnv: cloud.env })));
    expect(refused.slice(0, 2)).toEqual([1, slug]);
    expect(refused[2]).toContain(words);
    expect(cloud.objects()).toEqual(before);
  });

  /** Calls back when the script of the template has begun. */
  const onScript = (act: () => void) => ({
    report: (one: { event: string; step?: number; state?: string }) => {
      if (one.event === "stage" && one.step !== undefined && one.state === "started") act();
    },
  });
  const slow = { script: `${stage("base", 1, 1)}; trap '' INT; sleep 60` };

  test("one signal lets Packer remove what it made, and it hears it once", async () => {
    const { cloud, before } = await openCloud();
    const interrupts = handInterrupts();
    const builder = rig.open(interrupts, onScript(interrupts.send));
    const build = rig.build(openstackTemplate(cloud, slow), { cloudEnv: cloud.env });
    const [exitCode, slug, message] = await refusedWith(builder.build(build));

    expect([exitCode, slug]).toEqual([130, "interrupted"]);
    expect(message).toMatch(/^stopped by a signal; Packer cleaned up: .*Terminating the source server/);
    expect(rig.told()).toContain(
      "note stopping: Packer first removes what it has made; press again to leave that behind",
    );
    expect(rig.log().match(/Cancelling build after receiving interrupt/g)).toHaveLength(1);
    expect(cloud.objects()).toEqual(before);
    expect(await refusedWith(builder.build(build))).toEqual([
      130,
      "interrupted",
      "stopped by a signal; nothing was made",
    ]);
  });

  /** A cloud that never gets a server deleted, so that cleaning up has no end. */
  const stuck = { compute: { remove: () => new Promise<void>(() => {}) } };

  test("a second signal ends it at once, and what is left is named", async () => {
    const { cloud } = await openCloud(stuck);
    const interrupts = handInterrupts();
    const builder = rig.open(interrupts, {
      report(one) {
        if (one.event === "stage" && one.step !== undefined && one.state === "started") interrupts.send();
        if (one.event === "stage" && one.stage === "removing the builder server") setTimeout(interrupts.send, 200);
      },
    });
    const build = rig.build(openstackTemplate(cloud, slow), { cloudEnv: cloud.env });
    const { exitCode, problems } = await refusalOf(builder.build(build));

    expect([exitCode, problems[0]?.slug]).toEqual([130, "interrupted"]);
    expect(problems[0]?.message).toMatch(/Packer did not finish cleaning up, it had got to: .*Terminating the source/);
    expect(problems[0]?.fix).toMatch(/^'hailstack image prune' removes what is left, then run it again; /);
  });

  test("a deadline is a signal of ours, and cleaning up has one too", async () => {
    const { cloud } = await openCloud(stuck);
    const builder = rig.open(handInterrupts(), { cleanupMs: 1_000 });
    const build = rig.build(openstackTemplate(cloud, slow), { cloudEnv: cloud.env });
    const [exitCode, slug, message] = await refusedWith(builder.build(build, { timeoutMs: 3_000 }));

    expect([exitCode, slug]).toEqual([1, "deadline"]);
    expect(message).toMatch(/^not done after 0\.1 minutes, while running the scripts .* did not finish cleaning up/);
  });
});
