import { expect, test } from "vitest";
import { sshKeys } from "./ssh-keys.ts";
import { load, problemsOf, smallest } from "./world.ts";

const id = "1f6c0e5e-9a43-4c1e-8b0a-2f6d1c7e9b11";

test("the smallest config has every default of the contract", async () => {
  const { config, path, warnings, secrets, ...rest } = await load({ toml: smallest });

  expect(config.cluster).toEqual({
    name: "c1",
    bundle: "",
    bundles_file: "",
    num_workers: 2,
    master_flavour: "m1",
    worker_flavour: "m1",
    network_name: "cloudforms_network",
    lustre_network: "",
    lustre_mount_target: "10.1.0.1@tcp:/fsx",
    ssh_username: "ubuntu",
    monitoring: "netdata",
    floating_ip: "",
    floating_ip_pool: "",
    spread: "auto",
  });
  expect(config.packer).toBeUndefined();
  expect(config.volumes).toEqual({
    create: false,
    name: "",
    size_gb: 100,
    preserve_on_destroy: false,
    existing_volume_id: "",
  });
  expect(config.ceph_s3).toEqual({ endpoint: "", bucket: "hailstack-state", access_key: "", secret_key: "" });
  expect(config.s3).toEqual({ endpoint: "", access_key: "", secret_key: "" });
  expect(config.dns).toEqual({ search_domains: "" });
  expect(config.extras).toEqual({ system_packages: [], python_packages: [] });
  expect({ path, warnings, secrets, env: rest.env }).toEqual({ path: "c.toml", warnings: [], secrets: [], env: {} });
  expect([rest.bundle, rest.passwords]).toEqual([undefined, undefined]);
});

test.for([
  { field: "cluster.network_name", value: "Ubuntu 22.04 (Jammy)" },
  { field: "cluster.network_name", value: "réseau/données:1" },
  { field: "cluster.lustre_mount_target", value: "10.1.0.1@tcp,10.2.0.1@o2ib1:mds-2.example@tcp:/fsx/project" },
  { field: "cluster.ssh_username", value: "_svc-01" },
  { field: "cluster.floating_ip", value: "203.0.113.255" },
  { field: "volumes.existing_volume_id", value: id },
  { field: "ceph_s3.endpoint", value: "http://s3.example.org:8080" },
  { field: "ceph_s3.endpoint", value: "https://10.0.0.1/" },
  { field: "ceph_s3.bucket", value: "my.bucket-1" },
  { field: "ceph_s3.secret_key", value: "a/b+c=<>&'x" },
  { field: "dns.search_domains", value: "internal.example Example.org" },
])("$field may be $value", async ({ field, value }) => {
  const [table = "", key = ""] = field.split(".");
  const toml =
    table === "cluster"
      ? `${smallest}${key} = ${JSON.stringify(value)}\n`
      : `${smallest}[${table}]\n${key} = ${JSON.stringify(value)}\n`;

  expect((await load({ toml })).config).toHaveProperty(field, value);
});

test.for([
  {
    field: "extras.python_packages",
    values: ["pandas", "scikit-learn>=1.4,<2", "pandas[excel, s3] ~= 2.2", "x==1.*", "y!=2.0+cu12"],
  },
  { field: "extras.system_packages", values: ["libpq-dev", "g++", "0ad", "python3.11"] },
  { field: "security_groups.allowed_cidrs", values: ["0.0.0.0/0", "192.0.2.0/24", "192.0.2.1/32"] },
  {
    field: "ssh_keys.public_keys",
    values: [
      sshKeys.ed25519,
      sshKeys.rsa2048,
      `${sshKeys.rsa4096} ann@host (work)`,
      sshKeys.ecdsa256,
      sshKeys.ecdsa384,
      sshKeys.ecdsa521,
      sshKeys.sk_ed25519,
      sshKeys.sk_ecdsa,
    ],
  },
])("$field may be $values", async ({ field, values }) => {
  const [table, key] = field.split(".");

  expect((await load({ toml: `${smallest}[${table}]\n${key} = ${JSON.stringify(values)}\n` })).config).toHaveProperty(
    field,
    values,
  );
});

test("blanks around a text do not count, and a blank text is one that is left out", async () => {
  const toml = `${smallest}network_name = "  net "\nlustre_network = " \\t"\n[volumes]\nexisting_volume_id = "  "\n[ssh_keys]\npublic_keys = ["${sshKeys.ed25519}\\n"]\n`;
  const { config } = await load({ toml });

  expect([config.cluster.network_name, config.cluster.lustre_network, config.volumes.existing_volume_id]).toEqual([
    "net",
    "",
    "",
  ]);
  expect(config.ssh_keys.public_keys).toEqual([sshKeys.ed25519]);
});

test("a byte for byte CRLF file is the same config", async () => {
  expect((await load({ toml: smallest.replaceAll("\n", "\r\n") })).config).toEqual(
    (await load({ toml: smallest })).config,
  );
});

test("variables fill in texts and lists, and nothing else", async () => {
  const toml = `[cluster]\nname = "$PRE-\${POST}"\nmaster_flavour = "$FLAVOUR"\nworker_flavour = "a.$1"\n[extras]\nsystem_packages = ["$PACKAGE"]\n`;
  const env = { PRE: "c", POST: "1", FLAVOUR: "m1", PACKAGE: "mc" };
  const problems = await problemsOf({ toml, env });
  const { config } = await load({ toml: toml.replace("a.$1", "a.1"), env });

  expect(config.cluster.name).toBe("c-1");
  expect(config.extras.system_packages).toEqual(["mc"]);
  expect(problems).toMatchObject([
    { message: expect.stringContaining("character 3 is '$' (U+0024)"), where: "c.toml:4:18" },
  ]);
});

test("what comes out of a variable is not filled in again, and names of Object's own are not variables", async () => {
  const problems = await problemsOf({
    toml: `[cluster]\nname = "$A"\nmaster_flavour = "$constructor"\n`,
    env: { A: "$B", B: "x" },
  });

  expect(problems.map(({ where }) => where)).toEqual(["c.toml:2:8", "c.toml:3:18"]);
  expect(problems[1]?.message).toContain("it is blank ($constructor is not set)");
});

test("an unset variable in an optional field is a warning with its place", async () => {
  const { warnings, config } = await load({ toml: `${smallest}\nlustre_network = "$LUSTRE"\n` });

  expect(config.cluster.lustre_network).toBe("");
  expect(warnings).toMatchObject([
    {
      slug: "config-variable-unset",
      where: "c.toml:5:18",
      message: "$LUSTRE in cluster.lustre_network is not set; an empty text takes its place",
    },
  ]);
});

test("a $ in a literal secret is a warning that shows nothing of it", async () => {
  const { warnings, config } = await load({ toml: `${smallest}[ceph_s3]\nsecret_key = "hunter$2!pa$word"\n` });

  expect(config.ceph_s3.secret_key).toBe("hunter$2!pa");
  expect(warnings).toMatchObject([{ slug: "config-dollar-in-secret", where: "c.toml:5:14" }]);
  expect(JSON.stringify(warnings)).not.toMatch(/hunter|word/);
});

test("a name that leaves no room in a host name is a warning with the name that comes of it", async () => {
  const { warnings } = await load({ toml: smallest.replace("c1", "c".repeat(54)) });

  expect(warnings).toMatchObject([
    {
      slug: "config-long-name",
      where: "c.toml:2:8",
      message: expect.stringMatching(/ becomes c{46}-[0-9a-f]{6}-worker-01$/),
    },
  ]);
  expect((await load({ toml: smallest.replace("c1", "c".repeat(53)) })).warnings).toEqual([]);
});

test("all faults come at once, in the order of the file, then those of the environment", async () => {
  const toml = `[dns]\nsearch_domains = 3\n[cluster]\nname = "C"\nnum_workers = 0\nnum_workers = 4\n[volumes]\ncreate = true\n[ceph_s3]\nendpoint = "h"\nx = 1\n`;
  const problems = await problemsOf({ toml, needs: ["state", "ssh_keys", "passwords", "packer", "bundle"] });

  expect(problems.map(({ where, slug }) => `${where ?? ""} ${slug}`)).toEqual([
    "c.toml:1:1 config-ssh-keys-missing",
    "c.toml:1:1 config-packer-missing",
    "c.toml:2:18 config-wrong-type",
    "c.toml:3:2 config-missing",
    "c.toml:4:8 config-cluster-name",
    "c.toml:5:15 config-out-of-range",
    "c.toml:6:1 config-duplicate-key",
    "c.toml:9:2 config-state-credentials",
    "c.toml:11:1 config-unknown-key",
    " password-missing",
    " password-missing",
  ]);
  expect(problems.slice(-2).map(({ message }) => message)).toEqual([
    "HAILSTACK_WEB_PASSWORD required",
    "HAILSTACK_VOLUME_PASSWORD required when a data volume is attached",
  ]);
});

test("a config that is not there is told with a .env file that is not there", async () => {
  const problems = await problemsOf({ toml: "", options: { config: "d.toml", dotenv: ".env" } });

  expect(problems.map(({ slug, where }) => [slug, where])).toEqual([
    ["file-missing", ".env"],
    ["file-missing", "d.toml"],
  ]);
});
