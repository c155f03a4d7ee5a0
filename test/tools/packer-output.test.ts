/** What the real Packer said once (recorded/), understood. */
import { readFileSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { markOf, parseLine, phaseBeginnings, phaseOf } from "../../src/tools/packer-output.ts";
import { openStory } from "../../src/tools/packer-story.ts";
import type { Progress } from "../../src/world.ts";
import { hasPacker, programOf } from "./packer-rig.ts";

/** Plays a recording; each line takes one second. */
function play(name: string, state: "done" | "failed") {
  const events: Progress[] = [];
  let now = 0;
  const story = openStory({ report: (one) => events.push(one), masked: (text) => text, now: () => now });
  for (const line of readFileSync(new URL(`recorded/${name}.txt`, import.meta.url), "utf8").split("\n")) {
    const said = parseLine(line);
    if (said) story.hear(said);
    now += 1000;
  }
  return { told: story.end(state), events };
}
const ends = (events: readonly Progress[]) =>
  events.flatMap((one) => (one.event === "stage" && one.state !== "started" ? `${one.stage} ${one.state}` : []));

test("a good build: its phases and stages in order, the artifact's id", () => {
  const { told, events } = play("made", "done");

  expect(ends(events)).toEqual(["base done", "hail done", "running the scripts done"]);
  expect(events).toContainEqual({ event: "stage", stage: "base", state: "done", step: 1, of: 2, seconds: 12 });
  expect(events).toContainEqual(expect.objectContaining({ stage: "base", detail: "Get:1 a, b\tc" }));
  expect(events).toContainEqual(expect.objectContaining({ stage: "base", detail: "C:\\new" }));
  expect(told).toMatchObject({ imageId: "Null", failed: undefined, cleanup: [], complaints: [] });
});

test("a script that fails: its stage, its exit code and its last twenty lines", () => {
  const { told, events } = play("script-failed", "failed");

  expect(told.failed).toEqual({ stage: "hail", step: 2, of: 2, script: "hail.sh", exitCode: 7 });
  expect(told.excerpt).toHaveLength(20);
  expect(told.excerpt).toEqual(expect.arrayContaining(["line 30", "line 12"]));
  expect(told).toMatchObject({ phase: "provisioning", imageId: undefined, complaints: [] });
  expect(told.reason).toBe("Script exited with non-zero exit status: 7. Allowed exit codes are: [0]");
  expect(ends(events)).toEqual([
    "base done",
    "hail failed",
    "running the scripts failed",
    "removing the builder server done",
  ]);
});

test.for([
  ["unreachable", "connecting", "Timeout waiting for SSH."],
  ["no-host", "launching", "unexpected state 'ERROR', wanted target '[ACTIVE]'"],
  ["not-imaged", "imaging", '"There is no such action: createImage"}}'],
] as const)("%s: failed while %s, in the plugin's words, and what it removed", ([name, phase, reason]) => {
  const { told, events } = play(name, "failed");

  expect(told).toMatchObject({ phase, failed: undefined, imageId: undefined });
  expect(told.reason).toContain(reason);
  expect(told.complaints.join()).toContain(reason);
  expect(told.cleanup.join()).toMatch(/Terminating the source server: [0-9a-f-]{36} \.\.\./);
  expect(ends(events).slice(-2)).toEqual([expect.stringMatching(/ failed$/), "removing the builder server done"]);
});

test("an interrupted build: the running stage failed, and what was removed", () => {
  const { told, events } = play("interrupted", "failed");

  expect(told.failed).toEqual({ stage: "base", step: 1, of: 1 });
  expect(told.cleanup).toHaveLength(3);
  expect(ends(events).slice(-3)).toEqual([
    "base failed",
    "running the scripts failed",
    "removing the builder server done",
  ]);
});

test("a template that Packer does not take begins no phase", () => {
  const { told, events } = play("template", "failed");

  expect([told.phase, events]).toEqual([undefined, []]);
  expect(told.complaints.slice(0, 2)).toEqual([
    "Error: Unsupported argument",
    "  on /tmp/pkrec-template/template/image.pkr.hcl line 1:",
  ]);
});

describe("lines", () => {
  test.for([
    ["1,,ui,say,a%!(PACKER_COMMA) b", ["a, b"]],
    ["1,,ui,say,\\n==> a\\r\\nb", ["==> a", "b"]],
    ["1,,ui,message,    null.x: C:\\new", ["C:\\new"]],
    ["1,,ui,message,    null.x: one\\n    null.x: two\\n    null.x:", ["one", "two", ""]],
    ["1,,ui,error,==> null.x: one\\n==> null.x:  two", ["one", " two"]],
    ["panic: runtime error", ["panic: runtime error"]],
  ] as const)("%s", ([line, lines]) => {
    expect(parseLine(line)).toMatchObject({ lines });
  });

  test.for(["", "1,,version,1.11.2", "1,null.x,artifact,0,id,", "1,,ui,ask,x", "1,,error-count,1"])(
    "'%s' says nothing",
    (line) => {
      expect(parseLine(line)).toBeUndefined();
    },
  );
});

test.for([
  ["hailstack-stage start base 1 12", { mark: "start", stage: "base", step: 1, of: 12 }],
  ["hailstack-stage done self-test 93.5", { mark: "done", stage: "self-test", seconds: 93.5 }],
  ["hailstack-stage failed web web.sh 100", { mark: "failed", stage: "web", script: "web.sh", exitCode: 100 }],
  [" hailstack-stage start base 1 12", undefined],
  ["hailstack-stage start base 1", undefined],
  ["hailstack-stage start base one 12", undefined],
  ["hailstack-stage done base 1 2", undefined],
  ["hailstack-stage ended base 1", undefined],
  ["hailstack-stage failed web web.sh 1 2", undefined],
] as const)("the mark '%s'", ([line, mark]) => {
  expect(markOf(line)).toEqual(mark);
});

describe("a story", () => {
  const say = (text: string) => `1,,ui,say,==> openstack.x: ${text}`;
  const print = (text: string) => `1,,ui,message,    openstack.x: ${text}`;

  function hear(...lines: string[]) {
    const events: Progress[] = [];
    const story = openStory({ report: (one) => events.push(one), masked: (text) => text, now: () => 0 });
    for (const line of lines) {
      const said = parseLine(line);
      if (said) story.hear(said);
    }
    return { events, told: story.end("failed") };
  }

  test("does not believe marks of stages that never began, nor of Packer's own lines", () => {
    const { events, told } = hear(
      say("Connected to SSH!"),
      print("hailstack-stage done base 1"),
      print("hailstack-stage failed base base.sh 1"),
      say("hailstack-stage start base 1 1"),
    );
    expect(told.failed).toBeUndefined();
    expect(ends(events)).toEqual(["running the scripts failed"]);
  });

  test("ends a stage that never told its end when the next one begins", () => {
    const { events } = hear(print("hailstack-stage start a 1 2"), print("hailstack-stage start b 2 2"));
    expect(ends(events)).toEqual(["a done", "b failed", "running the scripts failed"]);
  });

  test("shows the last line of a burst, though a second later", () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      let now = 2000;
      const events: Progress[] = [];
      const story = openStory({ report: (one) => events.push(one), masked: (text) => text, now: () => now });
      for (const line of [print("hailstack-stage start a 1 1"), ...["one", "two", "three"].map(print)]) {
        const said = parseLine(line);
        if (said) story.hear(said);
      }
      const details = () => events.flatMap((event) => (event.event === "stage" && event.detail ? [event.detail] : []));
      expect(details()).toEqual(["one"]);
      now += 1000;
      vi.advanceTimersByTime(1000);
      expect(details()).toEqual(["one", "three"]);
    } finally {
      vi.useRealTimers();
    }
  });

  test("shows at most one line a second of a script that floods", () => {
    const flood = Array.from({ length: 5_000 }, (_, index) => print(`line ${index}`));
    const { events } = hear(print("hailstack-stage start a 1 1"), ...flood);
    expect(events.filter((one) => "detail" in one).length).toBeLessThanOrEqual(1);
  });

  test("keeps what could not be removed beside what was", () => {
    const { told } = hear(
      say("Launching server..."),
      say("Terminating the source server: 1 ..."),
      "1,,ui,error,==> openstack.x: Error terminating server%!(PACKER_COMMA) may still be around: no",
    );
    expect(told.cleanup).toEqual([
      "Terminating the source server: 1 ...",
      "Error terminating server, may still be around: no",
    ]);
    expect(told.phase).toBe("launching");
  });
});

test.skipIf(!hasPacker)("Packer and its plugin still begin their phases with these words", () => {
  const programs = ["packer", "packer-plugin-openstack"].map((name) => readFileSync(programOf(name)));
  const unknown = phaseBeginnings.filter(([words]) => !programs.some((program) => program.includes(words)));
  expect(unknown).toEqual([]);
  expect(phaseOf("Stopping server: 1 ...")).toBe("stopping");
});
