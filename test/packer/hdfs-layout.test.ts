/** What lays the folders of HDFS, against a namenode that keeps a tree and says no as the real one does. */
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { kit } from "./rig.ts";

const program = join(kit, "files/services/usr/libexec/hailstack/hdfs-layout");
type Folder = { owner: string; mode: string };

/** `refuses` names the exception for a question, if it is to be refused. */
async function openNamenode(refuses: (operation: string, path: string) => string | undefined = () => undefined) {
  const tree = new Map<string, Folder>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://namenode");
    const path = decodeURIComponent(url.pathname.replace("/webhdfs/v1", ""));
    const of = (name: string): string => url.searchParams.get(name) ?? "";
    const exception = of("user.name") === "hdfs" ? refuses(of("op"), path) : "AccessControlException";
    const folder = tree.get(path) ?? { owner: "hdfs:supergroup", mode: "755" };
    const changes: Record<string, Partial<Folder>> = {
      MKDIRS: {},
      SETOWNER: { owner: `${of("owner")}:${of("group")}` },
      SETPERMISSION: { mode: of("permission") },
    };
    const change = changes[of("op")];
    if (exception || request.method !== "PUT" || !change) {
      const RemoteException = {
        exception: exception ?? "IllegalArgumentException",
        message: `no ${of("op")}\nat java`,
      };
      response.writeHead(403).end(JSON.stringify({ RemoteException }));
      return;
    }
    tree.set(path, { ...folder, ...change });
    response.end(JSON.stringify({ boolean: true }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const env = {
    ...process.env,
    LOGIN_USER: "ubuntu",
    HAILSTACK_NAMENODE: `127.0.0.1:${(server.address() as AddressInfo).port}`,
  };
  const lay = () => promisify(execFile)("python3", ["-B", program], { env });
  return { tree, lay };
}

const whole = {
  "/tmp": { owner: "hdfs:supergroup", mode: "1777" },
  "/user/ubuntu": { owner: "ubuntu:ubuntu", mode: "755" },
  "/spark-logs": { owner: "spark:hadoop", mode: "1777" },
  "/mr-history": { owner: "mapred:hadoop", mode: "755" },
  "/mr-history/tmp": { owner: "mapred:hadoop", mode: "1777" },
  "/mr-history/done": { owner: "mapred:hadoop", mode: "750" },
  "/app-logs": { owner: "yarn:hadoop", mode: "1777" },
};

test("in an empty HDFS all of them are made, and a second time nothing differs", async () => {
  const { tree, lay } = await openNamenode();
  await lay();
  expect(Object.fromEntries(tree)).toEqual(whole);
  await lay();
  expect(Object.fromEntries(tree)).toEqual(whole);
});

test("a namenode in safe mode is waited for, which is told once", async () => {
  let left = 2;
  const { tree, lay } = await openNamenode(() => (left-- > 0 ? "SafeModeException" : undefined));
  const { stdout } = await lay();
  expect(stdout).toBe("waiting: MKDIRS /tmp: no MKDIRS\n");
  expect(Object.fromEntries(tree)).toEqual(whole);
});

test("what HDFS refuses is told in its words, without Java's, and ends the run", async () => {
  const { lay } = await openNamenode((_, path) => (path === "/spark-logs" ? "ParentNotDirectoryException" : undefined));
  await expect(lay()).rejects.toMatchObject({ code: 1, stderr: "MKDIRS /spark-logs: no MKDIRS\n" });
});
