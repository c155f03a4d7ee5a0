/** `bake` itself, with scripts of a test's own, over this machine's file system. */
import { describe, expect, test } from "vitest";
import { canOverlay, inOverlay, inputsOf, kitOf, layFiles, tellSkipped, type Overlaid } from "./rig.ts";

tellSkipped("bake.test.ts");
const policy = "/usr/sbin/policy-rc.d";

async function bake(kit: string, env: Record<string, string> = {}): Promise<Overlaid> {
  const put = { "/var/tmp/kit": kit, "/var/tmp/inputs": inputsOf() };
  return inOverlay(["bash", "/var/tmp/kit/bake", "/var/tmp/inputs"], { put, env });
}
const marksOf = ({ out }: Overlaid) => out.split("\n").filter((line) => line.startsWith("hailstack-stage "));

describe.skipIf(!canOverlay)("a bake", () => {
  test("runs each stage once, in order, between its marks, and records time and size", async () => {
    const baked = await bake(
      kitOf({ one: "echo first", two: "dd if=/dev/zero of=/big bs=1M count=3 2>&1", three: "echo third" }),
    );

    expect(baked.code).toBe(0);
    expect(marksOf(baked).map((line) => line.replace(/\d+\.\d$/, "S"))).toEqual([
      "hailstack-stage start one 1 3",
      "hailstack-stage done one S",
      "hailstack-stage start two 2 3",
      "hailstack-stage done two S",
      "hailstack-stage start three 3 3",
      "hailstack-stage done three S",
    ]);
    expect(baked.out).toMatch(/start one[^]*first\n[^]*done one[^]*start three[^]*third\n[^]*done three/);
    const rows = baked
      .read("/usr/share/hailstack/stages.tsv")
      ?.trimEnd()
      .split("\n")
      .map((row) => row.split("\t"));
    expect(rows?.map(([name]) => name)).toEqual(["one", "two", "three"]);
    expect(rows?.flatMap(([, seconds]) => seconds).join(" ")).toMatch(/^(\d+\.\d ?){3}$/);
    expect(Number(rows?.[1]?.[2])).toBeGreaterThanOrEqual(3);
  });

  test("tells the stages where they are and what they may use, and nothing of it stays", async () => {
    const tell =
      'stat -c "%a %U" "$HAILSTACK_WORK"; echo "$HAILSTACK_KIT $HAILSTACK_INPUTS [$HAILSTACK_CACHE] $DEBIAN_FRONTEND $LC_ALL $HOME $PWD $(umask)"';
    const baked = await bake(kitOf({ one: `${tell}; touch "$HAILSTACK_WORK/download"; cat ${policy}; cat` }));

    expect(baked.code).toBe(0);
    expect(baked.out).toContain("700 root\n/var/tmp/kit /var/tmp/inputs [] noninteractive C.UTF-8 /root / 0022\n");
    // Packages ask it whether they may start what they bring.
    expect(baked.out).toContain("#!/bin/sh\nexit 101\n");
    expect(baked.read(policy)).toBeUndefined();
    expect(baked.out).not.toContain("left behind");
    const left = await inOverlay(["bash", "-c", "bash /k/bake /i >/dev/null && ls /var/tmp"], {
      put: { "/k": kitOf({ one: 'touch "$HAILSTACK_WORK/x"' }), "/i": inputsOf() },
    });
    expect(left.out).not.toContain("hailstack-work");
  });

  test("lays a stage's files before its script runs: root's, for all to read, in folders that stay as they are", async () => {
    const look =
      "stat -c '%n %a %U:%G' / /usr /etc/hailstack /etc/hailstack/x /usr/libexec/hailstack/y; cat /etc/hailstack/x";
    const kit = kitOf({ one: `! cat /etc/hailstack/x 2>&1`, two: look });
    // As a checkout under umask 077 has them.
    layFiles(kit, { "files/two/etc/hailstack/x": "laid\n" }, 0o600);
    layFiles(kit, { "files/two/usr/libexec/hailstack/y": "#!/bin/sh\n" }, 0o700);
    const baked = await bake(kit);

    expect(baked.code).toBe(0);
    expect(baked.out).toMatch(/start one[^]*No such file/);
    expect(baked.out).toContain(
      ["/ 755", "/usr 755", "/etc/hailstack 755", "/etc/hailstack/x 644", "/usr/libexec/hailstack/y 755", ""].join(
        " root:root\n",
      ),
    );
    expect(baked.out).toContain("root:root\nlaid\n");
  });

  test("ends with the script that fails: its name and exit code, and room on the disk", async () => {
    const baked = await bake(kitOf({ one: "true", two: "echo it broke >&2; exit 7", three: "echo never" }));

    expect(baked.code).toBe(7);
    expect(marksOf(baked).at(-1)).toBe("hailstack-stage failed two scripts/two.sh 7");
    expect(baked.out).toMatch(/it broke\nFilesystem .*\n.*\nhailstack-stage failed/);
    expect(baked.out).not.toContain("never");
    expect(baked.read(policy)).toBeUndefined();
    expect(baked.read("/usr/share/hailstack/stages.tsv")).toMatch(/^one\t[^\n]*\n$/);
  });

  test("a script that is ended from outside, or is not there, is a stage that failed", async () => {
    expect(marksOf(await bake(kitOf({ one: "kill -KILL $$" }))).at(-1)).toBe(
      "hailstack-stage failed one scripts/one.sh 137",
    );
    const none = await bake(kitOf({ one: "true" }), { HAILSTACK_STAGES: "other" });
    expect([none.code, marksOf(none).at(-1)]).toEqual([127, "hailstack-stage failed other scripts/other.sh 127"]);
  });

  test("HAILSTACK_STAGES runs those alone, in its order", async () => {
    const kit = kitOf({ one: "echo a", two: "echo b", three: "echo c" });
    const baked = await bake(kit, { HAILSTACK_STAGES: "three one" });

    expect(marksOf(baked).filter((line) => line.includes("start"))).toEqual([
      "hailstack-stage start three 1 2",
      "hailstack-stage start one 2 2",
    ]);
    expect(baked.out).not.toContain("\nb\n");
  });

  test("HAILSTACK_REMOVE_KIT takes kit and inputs away at the end, and only after a bake that went well", async () => {
    const after = (script: string) =>
      inOverlay(["bash", "-c", "bash /k/bake /i || true; ls -d /k /i 2>&1"], {
        put: { "/k": kitOf({ one: script }), "/i": inputsOf() },
        env: { HAILSTACK_REMOVE_KIT: "1" },
      });
    expect((await after("true")).out).toMatch(/cannot access '\/k'[^]*cannot access '\/i'/);
    expect((await after("false")).out).toMatch(/\/i\n\/k\n$/);
  });

  test("without inputs it does nothing, and says how it is called", async () => {
    const kit = kitOf({ one: "echo never" });
    for (const args of [[], ["/nowhere"], ["/k", "/k"]]) {
      const { code, out } = await inOverlay(["bash", "/k/bake", ...args], { put: { "/k": kit } });
      expect([code, out]).toEqual([2, "usage: bake INPUTS (a folder with bundle.env)\n"]);
    }
  });
});
