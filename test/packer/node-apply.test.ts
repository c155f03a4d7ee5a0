/** `apply`: files of a node arrive whole, with their owner and mode, and those that read them are told; and nobody else. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { canOverlay, kit, tellSkipped } from "./rig.ts";
import { inPython, onNode, type Rule, type Setting } from "./node-rig.ts";

tellSkipped("node-apply.test.ts");
vi.setConfig({ testTimeout: 180_000 });

type File = { path: string; owner: string; mode: string; content: string };
const file = (path: string, content: string, owner = "root:root", mode = "0644"): File => ({
  path,
  owner,
  mode,
  content,
});
const active = (...units: string[]): Rule[] => [
  ...units.map((unit) => ({ call: `systemctl show --property=ActiveState --value ${unit}.service`, out: "active\n" })),
  { call: "systemctl show --property=ActiveState --value .*", out: "inactive\n" },
];
const obeyed: Rule[] = [
  { call: "systemctl (restart|reload|start) --no-block .*" },
  { call: "systemctl daemon-reload" },
];

/** Applies the documents one after the other, then runs `look`. */
async function apply(documents: readonly unknown[], setting: Setting = {}, look = "", before = "") {
  const files = Object.fromEntries(documents.map((each, at) => [`in/${at}`, JSON.stringify(each)]));
  const runs = documents.map((_, at) => `/usr/libexec/hailstack/apply </in/${at}; echo "ended $?"`);
  const rules = [...(setting.rules ?? []), ...active(), ...obeyed];
  const node = await onNode([before, ...runs, look].filter(Boolean).join("\n"), {
    ...setting,
    rules,
    files: { ...setting.files, ...files },
  });
  const lines = node.out.trimEnd().split("\n");
  return { ...node, lines, answers: lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line)) };
}

describe.skipIf(!canOverlay)("files", () => {
  test("are written with owner and mode, in folders of root's; the same again writes nothing and asks nobody", async () => {
    const files = [
      file("/etc/hailstack/volume.key", "pass\u00e9", "root:root", "0400"),
      file("/etc/spark/conf/spark-defaults.conf", "a b\n", "root:hadoop", "0640"),
      file("/etc/nginx/new/folder/x.conf", "x\n"),
    ];
    const look = `stat -c '%n %a %U:%G %s' ${files.map(({ path }) => path).join(" ")} /etc/nginx/new /etc/nginx/new/folder
      find /etc -name '.*.hailstack'`;
    const { answers, lines, calls } = await apply([{ files }, { files }], {}, look);

    const paths = files.map(({ path }) => path).toSorted();
    expect(answers).toEqual([
      { written: paths, restarted: [], reloaded: [] },
      { written: [], restarted: [], reloaded: [] },
    ]);
    expect(lines.filter((line) => line.startsWith("/"))).toEqual([
      "/etc/hailstack/volume.key 400 root:root 6",
      "/etc/spark/conf/spark-defaults.conf 640 root:hadoop 4",
      "/etc/nginx/new/folder/x.conf 644 root:root 2",
      expect.stringMatching(/^\/etc\/nginx\/new 755 root:root /),
      expect.stringMatching(/^\/etc\/nginx\/new\/folder 755 root:root /),
    ]);
    // The second time nobody is asked how it is.
    expect(calls.filter((call) => !call.startsWith("systemctl show"))).toEqual([]);
  });

  test("of another owner or mode are made anew, and what a power cut left goes", async () => {
    const wanted = file("/etc/hailstack/volume.key", "k", "root:root", "0400");
    const before = `install -m 0644 /dev/null /etc/hailstack/volume.key; printf k >/etc/hailstack/volume.key
      echo half >/etc/hailstack/.volume.key.hailstack`;
    const look = "stat -c %a /etc/hailstack/volume.key; ls -A /etc/hailstack | grep -c volume.key";
    const { lines } = await apply([{ files: [wanted] }], {}, look, before);
    expect(lines.slice(-2)).toEqual(["400", "1"]);
  });

  test.for([
    ["a place that is not ours", file("/etc/shadow", "x")],
    ["a way out of one that is", file("/etc/hailstack/../shadow", "x")],
    ["a relative path", file("etc/hosts", "x")],
    ["a mode that lets others write", file("/etc/hosts", "x", "root:root", "0666")],
    ["an owner whom nobody knows", file("/etc/hosts", "x", "root:nobody-here")],
    ["no content", { path: "/etc/hosts", owner: "root", mode: "0644" }],
  ] as const)("%s: nothing at all is written", async ([, wrong]) => {
    const good = file("/etc/hailstack/node.env", "A=1\n");
    const { lines, read } = await apply([{ files: [good, wrong] }]);
    expect(lines.at(-1)).toBe("ended 2");
    expect(lines.at(-2)).toMatch(/^apply: /);
    expect([read("/etc/hailstack/node.env"), read("/etc/shadow")?.includes("x\n")]).toEqual([undefined, false]);
  });

  test("do not go through symlinks, neither of a folder nor of their own name", async () => {
    const before =
      "mkdir -p /etc/nginx /precious; echo keep >/precious/a; ln -s /precious /etc/nginx/away; ln -sf /precious/a /etc/hailstack/web.env";
    const documents = [
      { files: [file("/etc/nginx/away/a", "gone\n")] },
      { files: [file("/etc/hailstack/web.env", "mine\n")] },
    ];
    const { lines } = await apply(documents, {}, "cat /precious/a; stat -c %F /etc/hailstack/web.env", before);
    expect(lines.filter((line) => line.startsWith("ended"))).toEqual(["ended 2", "ended 0"]);
    expect(lines.slice(-2)).toEqual(["keep", "regular file"]);
  });

  test("what is no document is told so", async () => {
    const { out, code } = await onNode(
      "echo '{' | /usr/libexec/hailstack/apply; echo $?; echo '[]' | /usr/libexec/hailstack/apply",
    );
    expect(out).toMatch(/^apply: the document is no JSON: .*\n2\napply: the document has no list of files\n$/);
    expect(code).toBe(2);
  });
});

describe.skipIf(!canOverlay)("readers", () => {
  test("of a changed file start again where they run, once each; systemd reads changed units", async () => {
    const files = [
      file("/etc/hadoop/conf/hdfs-site.xml", "<x/>"),
      file("/etc/hadoop/conf/core-site.xml", "<x/>"),
      file("/etc/systemd/system/a.service.d/x.conf", "[Unit]\n"),
      file("/etc/hosts", "127.0.0.1 localhost\n"),
    ];
    const rules = active("hdfs-namenode", "mapred-history");
    const { answers, calls } = await apply([{ files }], { rules });
    expect(answers[0].restarted).toEqual(["hdfs-namenode.service", "mapred-history.service"]);
    expect(calls.filter((call) => !call.startsWith("systemctl show"))).toEqual([
      "systemctl daemon-reload",
      "systemctl restart --no-block hdfs-namenode.service mapred-history.service",
    ]);
  });

  test("that are asked to read lists anew are asked as their own user, in the environment of the image", async () => {
    const files = { "etc/hailstack/cluster.env": "# Java\nJAVA_HOME=/opt/a java\nHADOOP_CONF_DIR=/etc/hadoop/conf\n" };
    const asked = '#!/bin/sh\necho "$0 $* as $(id -un) with $JAVA_HOME, $HADOOP_CONF_DIR" >>/tmp/asked\n';
    const programs = { "opt/hadoop/bin/hdfs": asked, "opt/hadoop/bin/yarn": asked };
    const before = "install -m 0666 /dev/null /tmp/asked; chmod 0755 / /opt /opt/hadoop /opt/hadoop/bin /tmp";
    const documents = [{ files: [file("/etc/hadoop/conf/dfs.exclude", "c1-worker-02\n")] }];
    const rules = active("hdfs-namenode");
    const { answers, read } = await apply(documents, { rules, files, programs }, "", before);
    expect(answers).toEqual([{ written: ["/etc/hadoop/conf/dfs.exclude"], restarted: [], reloaded: [] }]);
    // YARN does not run here.
    expect(read("/tmp/asked")).toBe(
      "/opt/hadoop/bin/hdfs dfsadmin -refreshNodes as hdfs with /opt/a java, /etc/hadoop/conf\n",
    );
  });

  test("a configuration that nginx refuses goes back to what it was", async () => {
    const rules: Rule[] = [
      { call: "nginx -t", run: "grep -q wrong /etc/nginx/conf.d/a.conf && { echo bad directive; exit 1; }; exit 0" },
      ...active("nginx"),
    ];
    const documents = ["good", "wrong", "better"].map((text) => ({ files: [file("/etc/nginx/conf.d/a.conf", text)] }));
    const { answers, lines, calls, read } = await apply(documents, { rules });

    expect(lines.filter((line) => line.startsWith("ended"))).toEqual(["ended 0", "ended 1", "ended 0"]);
    expect(answers[1]).toEqual({
      written: [],
      restarted: [],
      reloaded: [],
      refused: [
        {
          path: "/etc/nginx/conf.d/a.conf",
          message: "nginx refuses it, and the file before it is back: bad directive",
        },
      ],
    });
    expect([answers[2].reloaded, read("/etc/nginx/conf.d/a.conf")]).toEqual([["nginx.service"], "better"]);
    expect(calls.filter((call) => call.startsWith("systemctl reload"))).toHaveLength(2);
  });

  test("with `start` the role's target starts, or the boot is done again that has not come to its end", async () => {
    const document = { files: [], start: true };
    const starts = async (before: string) =>
      (await apply([document], {}, "", before)).calls.filter((call) => call.startsWith("systemctl start"));
    expect(await starts("mkdir -p /var/lib/hailstack; touch /var/lib/hailstack/booted")).toEqual([
      "systemctl start --no-block hailstack-master.target",
    ]);
    expect(await starts("rm -f /var/lib/hailstack/booted")).toEqual([
      "systemctl start --no-block hailstack-boot.service",
    ]);
  });
});

test("readers.json names units of ours or of packages, and commands by their whole path", () => {
  const place = join(kit, "files/services/usr/share/hailstack/readers.json");
  const { readers, folders } = JSON.parse(readFileSync(place, "utf8"));
  const units: string[] = readers.flatMap((rule: Record<string, string[]>) => [
    ...(rule["restart"] ?? []),
    ...(rule["reload"] ?? []),
  ]);
  const packaged = new Set(["netdata.service", "nfs-server.service", "nginx.service", "systemd-resolved.service"]);
  const ours = (unit: string) =>
    ["services", "storage"].some((stage) => existsSync(join(kit, "files", stage, "etc/systemd/system", unit)));
  expect([...new Set(units)].filter((unit) => !packaged.has(unit) && !ours(unit))).toEqual([]);
  expect(readers.filter((rule: { run?: string[] }) => rule.run && !rule.run[0]?.startsWith("/"))).toEqual([]);
  const writable = (path: string) => folders.some((each: string) => path === each || path.startsWith(each));
  const patterns: string[] = readers.flatMap((rule: { paths: string[] }) => rule.paths);
  expect(patterns.filter((pattern) => !writable(pattern))).toEqual([]);
});

test("a file has its owner and mode before anything is in it, and its name last", async () => {
  const code = `
import os, tempfile
from hailstack_node import safe_files as s
os.umask(0)
seen, chmod, sync, rename = [], os.fchmod, os.fsync, os.rename
os.fchmod = lambda h, m: (seen.append(("chmod", os.fstat(h).st_size)), chmod(h, m))
os.fsync = lambda h: (seen.append(("sync", oct(os.fstat(h).st_mode & 0o777))), sync(h))
os.rename = lambda a, b, **k: (seen.append(("rename", a, b)), rename(a, b, **k))
folder = os.open(tempfile.mkdtemp(), os.O_RDONLY)
s._write(folder, ".k.hailstack", s.Content(b"secret", os.getuid(), os.getgid(), 0o400))
print(seen, oct(os.stat(".k.hailstack", dir_fd=folder).st_mode & 0o777))`;
  expect((await inPython(code)).out).toBe("[('chmod', 0), ('sync', '0o400')] 0o400\n");
});
