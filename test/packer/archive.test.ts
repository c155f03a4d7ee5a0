/** How a site's mirror takes the archive's place, and that nothing secret of a bake is left: in an overlay. */
import { describe, expect, test } from "vitest";
import { canOverlay, copyOfKit, inOverlay, inputsOf, layFiles, tellSkipped, temporaryFolder } from "./rig.ts";

tellSkipped("archive.test.ts");
const sources = {
  // As Ubuntu 24.04 has it, and before.
  "sources.list.d/ubuntu.sources": `Types: deb
URIs: http://region.clouds.archive.example.org/ubuntu/
Suites: noble noble-updates
Signed-By: /usr/share/keyrings/ubuntu.gpg

Types: deb
URIs: http://security.example.org/ubuntu
Suites: noble-security
`,
  "sources.list": `# http://archive.example.org/ubuntu
deb [arch=amd64] http://archive.example.org/ubuntu/ jammy main
deb http://deb.example.org/debian bookworm main
deb http://deb.example.org/debian-security/ bookworm-security main
deb https://other.example.org/debian-tools stable main
`,
  // As Debian's images for clouds have it.
  "mirrors/debian.list": "https://deb.example.org/debian\n",
  "mirrors/debian-security.list": "https://deb.example.org/debian-security\n",
};
const networkOf = (mirror: string) => `HTTP_PROXY_URL=''\nNO_PROXY_HOSTS=''\nAPT_MIRROR='${mirror}'\nPYPI_INDEX=''\n`;
const variables = { HAILSTACK_KIT: "/k", HAILSTACK_INPUTS: "/i", HAILSTACK_WORK: "/w", HAILSTACK_CACHE: "" };

async function mirrored(mirror: string, times = 1) {
  const put = {
    "/k": copyOfKit(),
    "/i": inputsOf({ "network.env": networkOf(mirror) }),
    "/w": temporaryFolder(),
    "/etc/apt": layFiles(temporaryFolder(), sources),
  };
  const script = `. /k/lib.sh; ${". /k/scripts/archive.sh; ".repeat(times)} stat -c %a "$apt_password" 2>/dev/null || true`;
  const done = await inOverlay(["bash", "-c", script], { put, env: variables });
  if (done.code !== 0) throw new Error(done.out);
  return { ...done, apt: (path: string) => done.read(`/etc/apt/${path}`)?.trimEnd().split("\n") };
}

describe.skipIf(!canOverlay)("a mirror of the archive", () => {
  test.for([
    ["http://m.example.org/x/ubuntu/", 1],
    ["http://m.example.org/x/ubuntu", 2],
  ] as const)("%s stands in every form of source, %i times over", async ([mirror, times]) => {
    const { apt } = await mirrored(mirror, times);
    const to = "http://m.example.org/x/ubuntu";

    expect(apt("sources.list.d/ubuntu.sources")?.filter((line) => line.startsWith("URIs"))).toEqual([
      `URIs: ${to}`,
      `URIs: ${to}`,
    ]);
    expect(apt("sources.list")?.slice(1)).toEqual([
      `deb [arch=amd64] ${to} jammy main`,
      `deb ${to} bookworm main`,
      "deb http://m.example.org/x/debian-security bookworm-security main",
      "deb https://other.example.org/debian-tools stable main",
    ]);
    expect(apt("mirrors/debian.list")).toEqual([to]);
    expect(apt("mirrors/debian-security.list")).toEqual(["http://m.example.org/x/debian-security"]);
  });

  test("nodes keep it: cloud-init leaves the sources alone", async () => {
    const { read } = await mirrored("http://m.example.org/ubuntu");
    expect(read("/etc/cloud/cloud.cfg.d/90-hailstack-apt.cfg")).toBe("apt: {preserve_sources_list: true}\n");
  });

  test("a mirror without a path says nothing of where security updates are", async () => {
    const { apt } = await mirrored("https://debian.example.org");
    expect(apt("mirrors/debian.list")).toEqual(["https://debian.example.org"]);
    expect(apt("mirrors/debian-security.list")).toEqual(["https://deb.example.org/debian-security"]);
  });

  test("its password is in a file for root alone, as apt reads it, and in no source", async () => {
    const { read, apt, out } = await mirrored("https://ann:p%40ss~1@m.example.org:8443/debian/");

    expect(read("/etc/apt/auth.conf.d/hailstack-bake.conf")).toBe(
      "machine https://m.example.org:8443 login ann password p@ss~1\n",
    );
    expect(out).toBe("600\n");
    expect(apt("mirrors/debian.list")).toEqual(["https://m.example.org:8443/debian"]);
    expect(
      Object.keys(sources)
        .flatMap((path) => apt(path) ?? [])
        .join("\n"),
    ).not.toMatch(/ann|ss~1/);
  });
});

describe.skipIf(!canOverlay)("what a bake must not leave", () => {
  const network = [
    "HTTP_PROXY_URL='http://eve:canary-1@proxy.example.org:3128/'",
    "NO_PROXY_HOSTS=''",
    "APT_MIRROR=''",
    "PYPI_INDEX='https://ann:canary-2@m.example.org/simple'",
  ];
  /** Folders that would take long to search, with what the test puts there. */
  async function look(files: Record<string, string>, lines: readonly string[] = network): Promise<string[]> {
    const bare = Object.fromEntries(
      ["/root", "/home", "/var/lib", "/var/log", "/usr/local", "/usr/share", "/usr/src", "/opt", "/boot"].map(
        (path) => [path, temporaryFolder()],
      ),
    );
    const planted = Object.entries(files).map(
      ([path, text]) => `mkdir -p "$(dirname ${path})"; echo '${text}' >${path}`,
    );
    const script = [". /k/lib.sh", "touch $HAILSTACK_WORK/begun; sleep 0.05", ...planted, ". /k/scripts/hygiene.sh"];
    const put = {
      "/k": copyOfKit(),
      "/i": inputsOf({ "network.env": `${lines.join("\n")}\n` }),
      "/w": temporaryFolder(),
    };
    const { out } = await inOverlay(["bash", "-c", script.join("\n")], { put, bind: bare, env: variables });
    expect(out).not.toContain("canary");
    return out.split("\n");
  }

  test("passwords are found wherever they are, and not told", async () => {
    const found = await look({
      "/etc/pip-of-somebody.conf": "index-url = https://ann:canary-2@m.example.org/simple",
      "/var/lib/x/y": "Proxy http://eve:canary-1@proxy.example.org:3128",
      "/etc/harmless": "https://m.example.org/simple",
    });
    expect(found).toContain("hygiene: /etc/pip-of-somebody.conf holds a password of the bake");
    expect(found).toContain("hygiene: /var/lib/x/y holds a password of the bake");
    expect(found.join("\n")).not.toContain("/etc/harmless");
  });

  test("a proxy without one is found where the bake has written", async () => {
    const plain = ["HTTP_PROXY_URL='http://proxy.example.org:3128/'", ...network.slice(1, 3), "PYPI_INDEX=''"];
    const found = await look({ "/etc/environment": "http_proxy=http://proxy.example.org:3128" }, plain);
    expect(found).toContain("hygiene: /etc/environment names the builder's proxy");
    expect((await look({}, plain)).join("\n")).not.toContain("proxy");
  });

  test("keys, histories and journals are found, and all of them told at once", async () => {
    const traces = {
      "/root/.ssh/authorized_keys": "/root/.ssh is there",
      "/home/ubuntu/.bash_history": "/home/ubuntu/.bash_history is there",
      "/etc/ssh/ssh_host_rsa_key": "/etc/ssh/ssh_host_rsa_key is there",
      "/etc/machine-id": "/etc/machine-id is set",
      "/var/log/journal/1/system.journal": "/var/log/journal/1 is there",
      "/etc/apt/auth.conf.d/hailstack-bake.conf": "/etc/apt/auth.conf.d/hailstack-bake.conf is there",
    };
    const found = await look(Object.fromEntries(Object.keys(traces).map((path) => [path, "x"])));
    expect(found).toEqual(expect.arrayContaining(Object.values(traces).map((told) => `hygiene: ${told}`)));
  });
});
