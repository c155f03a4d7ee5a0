/**
 * Configs with one fault each. `‸` stands where the fault must be reported. `canary` anywhere in a case is a secret
 * that no message may repeat.
 */
import type { Env } from "../../src/world.ts";
import type { Need } from "../../src/config/load.ts";
import { smallest } from "./world.ts";
import { sshKeys } from "./ssh-keys.ts";

export type Case = {
  when: string;
  toml: string;
  slug: string;
  /** What the message must contain, such as the dotted key. */
  says: string;
  env?: Env;
  needs?: readonly Need[];
};

export const canary = "hunter2canary";

/** One field of an otherwise right config, with the TOML text of its value. */
function field(dotted: string, value: string, slug: string, says = dotted): Case {
  const [table = "", key = ""] = [dotted.slice(0, dotted.lastIndexOf(".")), dotted.slice(dotted.lastIndexOf(".") + 1)];
  const marked = value.includes("‸") ? value : `‸${value}`;
  const when = `${dotted} = ${value.slice(0, 60)}`;
  if (table === "cluster") {
    const lines = [
      `${key} = ${marked}`,
      ...(key === "name" ? [] : ['name = "c1"']),
      ...(key === "master_flavour" ? [] : ['master_flavour = "m1"']),
    ];
    return { when, toml: `[cluster]\n${lines.join("\n")}\n`, slug, says };
  }
  const base = table === "packer" && key !== "base_image" ? '[packer]\nbase_image = "i"\n' : `[${table}]\n`;
  return { when, toml: `${smallest}${base}${key} = ${marked}\n`, slug, says };
}
const fields = (dotted: string, slug: string, values: readonly string[], says = dotted): Case[] =>
  values.map((value) => field(dotted, value, slug, says));

const syntax = (when: string, toml: string, says = "TOML"): Case => ({ when, toml, slug: "toml-syntax", says });
const whole = (when: string, toml: string, slug: string, says: string, more: Partial<Case> = {}): Case => ({
  when,
  toml,
  slug,
  says,
  ...more,
});

export const syntaxCases: Case[] = [
  syntax("a text never ends", `[ceph_s3]\nsecret_key = "${canary}‸\n`),
  syntax("a text of several lines never ends", `[ceph_s3]\nsecret_key = """${canary}\nmore\n‸`),
  syntax("a literal text never ends", `[ceph_s3]\nsecret_key = '${canary}‸\n`),
  syntax("a text has no quotes", `[ceph_s3]\nsecret_key = ‸${canary}\n`),
  syntax("a value is missing", `[cluster]\nname =\n‸x = "${canary}"`),
  syntax("an equals sign is missing", `[cluster]\nname ‸"${canary}"\n`),
  syntax("a table name never ends", `[cluster\n‸name = "${canary}"\n`),
  syntax("a list never ends", `[ssh_keys]\npublic_keys = ["${canary}"\n‸`),
  syntax("a list lacks a comma", `[ssh_keys]\npublic_keys = ["a" ‸"${canary}"]\n`),
  syntax("two settings share a line", `[cluster]\nname = "c1" ‸master_flavour = "${canary}"\n`),
  syntax("an escape is unknown", `[ceph_s3]\nsecret_key = "${canary}\\‸q"\n`),
  syntax("a boolean is Python's", "[volumes]\ncreate = ‸True\n"),
  syntax("an integer has a leading zero", "[cluster]\nnum_workers = ‸02\n"),
  syntax("a control character is in a text", `[cluster]\nname = "‸\u0001${canary}"\n`),
  syntax("an inline table spans lines", `volumes = {\n ‸create = true }\n`),
  syntax("a key has two dots", `[cluster]\na‸..b = "${canary}"\n`),
  syntax("a key is not ASCII", "[cluster]\nn‸é = 1\n"),
  syntax("a quote is curly", `[cluster]\nname = ‸“${canary}”\n`),
  syntax("the comment mark is //", `‸// ${canary}\n[cluster]\n`),
  syntax("JSON is given", `‸{"ceph_s3": {"secret_key": "${canary}"}}\n`, "JSON"),
  syntax("YAML is given", `cluster‸:\n  name: ${canary}\n`, "YAML"),
  syntax("YAML with a document mark is given", `---\n‸cluster:\n  name: ${canary}\n`, "YAML"),
  syntax("a merge went wrong", `‸<<<<<<< HEAD\n[cluster]\nname = "${canary}"\n`),
  whole(
    "lists are nested 100,000 deep",
    `a = ‸${"[".repeat(100_000)}${"]".repeat(100_000)}\n`,
    "toml-too-deep",
    "nested",
  ),
  whole(
    "lists are nested 3,000 deep",
    `a = ${"[".repeat(7)}‸${"[".repeat(2993)}${"]".repeat(3000)}\n`,
    "config-too-deep",
    "nested",
  ),
  whole(
    "inline tables are nested 100,000 deep",
    `a = ‸${"{a=".repeat(100_000)}1${"}".repeat(100_000)}\n`,
    "toml-too-deep",
    "nested",
  ),
  whole(
    "lists are nested 20 deep",
    `${smallest}‸x = ${"[".repeat(20)}${"]".repeat(20)}\n`,
    "config-unknown-key",
    "cluster.x",
  ),
  whole("a table name has 3,000 parts", `${smallest}[‸cluster.${"a.".repeat(2999)}a]\n`, "config-too-deep", "nested"),
];

export const keyCases: Case[] = [
  whole(
    "a key is defined twice",
    `${smallest}‸name = "${canary}"\n`,
    "config-duplicate-key",
    "cluster.name is defined twice; first at c.toml:2:1",
  ),
  whole(
    "a table is defined twice",
    `${smallest}[dns]\n[‸dns]\nsearch_domains = "${canary}"\n`,
    "config-duplicate-key",
    "first at c.toml:4:2",
  ),
  whole(
    "an inline table names a key twice",
    `${smallest}[‸x]\n`.replace("[‸x]", "[extras]\nx = { a = 1, ‸a = 2 }"),
    "config-duplicate-key",
    "extras.x.a",
  ),
  whole("a quoted key is defined twice", `${smallest}‸"name" = "x"\n`, "config-duplicate-key", "cluster.name"),
  whole(
    "a dotted key is defined twice",
    `dns.search_domains = "a"\ndns.‸search_domains = "b"\n${smallest}`,
    "config-duplicate-key",
    "first at c.toml:1:5",
  ),
  whole(
    "a table follows a value of its name",
    `dns = "x"\n${smallest}[‸dns.x]\n`,
    "config-duplicate-key",
    "dns is defined twice",
  ),
  whole("[cluster] is misspelt", `[‸clutser]\nname = "c1"\n${smallest}`, "config-unknown-key", "did you mean cluster?"),
  whole(
    "a field is misspelt",
    `${smallest}‸master_flavor = "${canary}"\n`,
    "config-unknown-key",
    "did you mean cluster.master_flavour?",
  ),
  whole(
    "a field is in capitals",
    `${smallest}‸NUM_WORKERS = 2\n`,
    "config-unknown-key",
    "did you mean cluster.num_workers?",
  ),
  whole(
    "a field stands in the wrong table",
    `${smallest}[dns]\n‸num_workers = 2\n`,
    "config-unknown-key",
    "did you mean cluster.num_workers?",
  ),
  whole(
    "a field stands before every table",
    `‸num_workers = 2\n${smallest}`,
    "config-unknown-key",
    "did you mean cluster.num_workers?",
  ),
  whole("a table is unknown", `${smallest}[‸azure]\nkey = "${canary}"\n`, "config-unknown-key", "unknown table azure"),
  whole(
    "a switch is unknown",
    `${smallest}[security_groups.master]\n‸sssh = true\n`,
    "config-unknown-key",
    "did you mean security_groups.master.ssh?",
  ),
  whole(
    "a role is unknown",
    `${smallest}[security_groups.‸workers]\n`.replace("[security_groups.‸", "[‸security_groups."),
    "config-unknown-key",
    "did you mean security_groups.worker?",
  ),
  whole("a key is __proto__", `${smallest}‸__proto__ = "${canary}"\n`, "config-unknown-key", "cluster.__proto__"),
  whole("a table is __proto__", `${smallest}[‸__proto__]\npolluted = true\n`, "config-unknown-key", "__proto__"),
  whole("a table is constructor", `${smallest}[‸constructor]\nprototype = 1\n`, "config-unknown-key", "constructor"),
  whole("a key is valueOf", `${smallest}‸valueOf = 1\n`, "config-unknown-key", "cluster.valueOf"),
  whole(
    "a key is toString in a list field's place",
    `${smallest}[extras]\n‸toString = []\n`,
    "config-unknown-key",
    "extras.toString",
  ),
  whole("a key is empty", `${smallest}‸"" = 1\n`, "config-unknown-key", 'cluster.""'),
  whole("a key has a terminal escape", `${smallest}‸"\\u001b[2Jx" = 1\n`, "config-unknown-key", "cluster."),
  whole("a key has 5,000 characters", `${smallest}‸${"k".repeat(5000)} = 1\n`, "config-unknown-key", "…"),
  whole("[cluster] is missing", `‸[dns]\nsearch_domains = ""\n`, "config-missing", "cluster.name"),
  whole("the file is empty", "‸", "config-missing", "cluster.master_flavour"),
  whole(
    "cluster.name is missing",
    `[‸cluster]\nmaster_flavour = "m1"\n`,
    "config-missing",
    "missing required field cluster.name",
  ),
  whole(
    "cluster.master_flavour is missing",
    `[‸cluster]\nname = "c1"\n`,
    "config-missing",
    "missing required field cluster.master_flavour",
  ),
  whole(
    "packer.base_image is missing",
    `${smallest}[‸packer]\nflavour = "m1"\n`,
    "config-missing",
    "packer.base_image",
  ),
];

export const typeCases: Case[] = [
  ...[
    "cluster.name",
    "cluster.master_flavour",
    "cluster.floating_ip",
    "ceph_s3.secret_key",
    "dns.search_domains",
  ].flatMap((dotted) =>
    fields(
      dotted,
      "config-wrong-type",
      ["3", "true", "2.5", "[]", "{}", "1979-05-27"],
      `${dotted} must be a string, not`,
    ),
  ),
  field("cluster.num_workers", '"2"', "config-wrong-type", "cluster.num_workers must be an integer, not a string"),
  field("cluster.num_workers", "2.0", "config-wrong-type", "cluster.num_workers must be an integer, not a float"),
  field("cluster.num_workers", "2e0", "config-wrong-type", "cluster.num_workers must be an integer, not a float"),
  field("cluster.num_workers", "inf", "config-wrong-type", "must be an integer, not a float"),
  field("cluster.num_workers", "nan", "config-wrong-type", "must be an integer, not a float"),
  field("cluster.num_workers", "-0.0", "config-wrong-type", "must be an integer, not a float"),
  field("cluster.num_workers", "true", "config-wrong-type", "must be an integer, not a boolean"),
  field("cluster.num_workers", "[2]", "config-wrong-type", "must be an integer, not a list"),
  field("cluster.num_workers", "1979-05-27", "config-wrong-type", "must be an integer, not a date or time"),
  field("cluster.num_workers", "07:32:00", "config-wrong-type", "must be an integer, not a date or time"),
  field("cluster.num_workers", "9007199254740993", "config-wrong-type", "not an integer beyond 2^53"),
  field("volumes.size_gb", '"10"', "config-wrong-type", "volumes.size_gb must be an integer, not a string"),
  field("volumes.size_gb", "10.5", "config-wrong-type", "volumes.size_gb must be an integer, not a float"),
  field(
    "cluster.monitoring",
    "true",
    "config-wrong-type",
    "cluster.monitoring must be 'netdata' or 'none', not a boolean",
  ),
  field(
    "cluster.spread",
    "false",
    "config-wrong-type",
    "cluster.spread must be 'auto' or 'on' or 'off', not a boolean",
  ),
  ...[
    "volumes.create",
    "volumes.preserve_on_destroy",
    "security_groups.master.ssh",
    "security_groups.worker.hdfs",
  ].flatMap((dotted) =>
    fields(dotted, "config-wrong-type", ['"true"', "1", "[]"], `${dotted} must be true or false, not`),
  ),
  ...[
    "ssh_keys.public_keys",
    "extras.system_packages",
    "extras.python_packages",
    "security_groups.allowed_cidrs",
  ].flatMap((dotted) => [
    ...fields(dotted, "config-wrong-type", ['"one"', "3", "{}"], `${dotted} must be a list, not`),
    field(dotted, "[‸3]", "config-wrong-type", `${dotted}[0] must be a string, not an integer`),
    field(dotted, "[‸[]]", "config-wrong-type", `${dotted}[0] must be a string, not a list`),
  ]),
  whole("cluster is a number", "cluster = ‸3\n", "config-wrong-type", "cluster must be a table, not an integer"),
  whole(
    "cluster is a list of tables",
    '[[‸cluster]]\nname = "c1"\n',
    "config-wrong-type",
    "cluster must be a table, not a list",
  ),
  whole(
    "volumes is a text",
    `volumes = ‸"${canary}"\n${smallest}`,
    "config-wrong-type",
    "volumes must be a table, not a string",
  ),
  whole(
    "a role is a boolean",
    `security_groups.master = ‸true\n${smallest}`,
    "config-wrong-type",
    "security_groups.master must be a table",
  ),
];

const hostileNames = [
  `"a\\u0000b"`,
  `"a\\nb"`,
  `"a\\u001b[31m"`,
  `"-rf"`,
  `"--help"`,
  `"a;b"`,
  `"a'b"`,
  `'a"b'`,
  `"a\`id\`"`,
  `"$(id)"`,
  `"{{ 7 }}"`,
  `"a|b"`,
  `"a\\u202eb"`,
  `"a  b"`,
  `"a: b"`,
  `"<b>"`,
];

export const valueCases: Case[] = [
  ...fields("cluster.name", "config-cluster-name", [
    `"C1"`,
    `"c"`,
    `"${"c".repeat(64)}"`,
    `"1c"`,
    `"-c"`,
    `"c1\\n"`,
    `" c1"`,
    `"c_1"`,
    `"c.1"`,
    `"сluster"`,
    `"c😀"`,
    `""`,
  ]),
  field("cluster.name", `"Foo"`, "config-cluster-name", "^[a-z][a-z0-9-]{1,62}$"),
  field("cluster.name", `"fo\\u0430"`, "config-cluster-name", "U+0430"),
  ...fields("cluster.network_name", "config-cloud-name", [...hostileNames, `""`, `"   "`, `"${"n".repeat(256)}"`]),
  field("cluster.network_name", `"a\\u001bb"`, "config-cloud-name", "character 2 is U+001B"),
  ...fields("cluster.master_flavour", "config-cloud-name", hostileNames),
  ...[
    "cluster.worker_flavour",
    "cluster.lustre_network",
    "cluster.floating_ip_pool",
    "packer.base_image",
    "packer.flavour",
    "volumes.name",
  ].flatMap((dotted) => fields(dotted, "config-cloud-name", ['"a;b"', '"-x"', '"a\\tb"'])),
  ...fields("cluster.bundle", "config-bundle-id", ['"-x"', '"a b"', '"../x"', '"a\\u0007"']),
  ...fields("cluster.bundles_file", "config-path", ['"-x"', '"a;b"', '"a\\nb"', '"$(id)"']),
  ...fields("cluster.num_workers", "config-out-of-range", ["0", "-1", "-0", "1001", "1_000_000"]),
  field("cluster.num_workers", "0", "config-out-of-range", "num_workers 0 must be >= 1"),
  ...fields("cluster.lustre_mount_target", "config-lustre-target", [
    '"/fsx"',
    '"10.1.0.1:/fsx"',
    '"10.1.0.1@tcp:"',
    '"10.1.0.1@tcp:fsx"',
    '"10.1.0.1@tcp:/a/../b"',
    '"10.1.0.1@tcp:/fsx ro"',
    '"-o@tcp:/fsx"',
    '"a@tcp:/f;x"',
    '""',
    '"a@tcp:/fsx\\n"'.replace("\\n", "\\n/etc"),
    '"a@smb:/fsx"',
  ]),
  ...fields("cluster.ssh_username", "config-user-name", [
    '"root"',
    '"a;b"',
    '"a/b"',
    '"a b"',
    '"Ubuntu"',
    '"1a"',
    '"-a"',
    `"${"u".repeat(33)}"`,
    '"a$"',
    '""',
    '"ünal"',
  ]),
  ...fields("cluster.monitoring", "config-choice", ['"prometheus"', '""', '"Netdata"'], "must be 'netdata' or 'none'"),
  ...fields("cluster.spread", "config-choice", ['"yes"', '""']),
  ...fields("cluster.floating_ip", "config-ipv4", [
    '"1.2.3"',
    '"1.2.3.256"',
    '"01.2.3.4"',
    '"::1"',
    '"0.0.0.0"',
    '"224.0.0.1"',
    '"255.255.255.255"',
    '"127.0.0.1"',
    '"1.2.3.4/24"',
    '"host"',
  ]),
  ...fields("volumes.size_gb", "config-out-of-range", ["0", "-5", "2147483648"]),
  ...fields("volumes.existing_volume_id", "config-uuid", [
    '"uuid"',
    '"1f6c0e5e9a434c1e8b0a2f6d1c7e9b11"',
    '"1f6c0e5e-9a43-4c1e-8b0a-2f6d1c7e9b1g"',
    '"1f6c0e5e-9a43-4c1e-8b0a-2f6d1c7e9b11;"',
  ]),
  whole(
    "both kinds of volume are asked for",
    `${smallest}[volumes]\ncreate = true\nexisting_volume_id = ‸"1f6c0e5e-9a43-4c1e-8b0a-2f6d1c7e9b11"\n`,
    "config-two-volumes",
    "cannot set both volumes.create and volumes.existing_volume_id",
  ),
  ...["s3.endpoint", "ceph_s3.endpoint"].flatMap((dotted) =>
    fields(dotted, "config-endpoint", [
      `"https://me:${canary}@host"`,
      `"host?key=${canary}"`,
      `"host#${canary}"`,
      `"a&${canary}"`,
      `"a ${canary}"`,
      '"host:0"',
      '"host:65536"',
      '"host:x"',
      '"ftp://host"',
      '"host/bucket"',
      '"-host"',
      '"ho_st"',
      '"https://"',
      '"host:1:2"',
      '"a;b"',
      '"a\\u0000"',
    ]),
  ),
  ...["packer.artifact_mirror", "packer.apt_mirror", "packer.pypi_index", "packer.http_proxy"].flatMap((dotted) =>
    fields(dotted, dotted === "packer.http_proxy" ? "config-proxy-url" : "config-mirror-url", [
      `"${canary}.example.org:3128"`,
      `"https://me:${canary}'@host/"`,
      `"https://me:${canary}#@host/"`,
      `"https://me:${canary}?@host/"`,
      `"https://me:${canary}/x@host/"`,
      `"https://me:${canary}%0a@host/"`,
      `"https://me:${canary}\\u0000@host/"`,
      `"https://me:$(${canary})@host/"`,
      `"ftp://me:${canary}@host/"`,
      `"socks5://me:${canary}@host/"`,
      `"https://me:${canary}@/"`,
      '"https://"',
      '"https://host:0/"',
      '"https://ho_st/"',
      '"https://host/../x"',
      '"https://host/a//b"',
      '"https://host/a b"',
    ]),
  ),
  field("packer.http_proxy", '"http://host:3128/path"', "config-proxy-url", "it holds a path"),
  ...fields("packer.no_proxy", "config-no-proxy", ['"a;b"', '"*"', '"a,,b"', '"a b"', '"a\'b"', '"a\\nb"', '"$(id)"']),
  ...fields("packer.ca_file", "config-path", ['"-x"', '"a;b"', '"a\\nb"']),
  ...fields("packer.allowed_cidrs", "config-cidr", ['[‸"10.0.0.1/8"]', '[‸"::/0"]', '[‸""]']),
  ...fields("packer.allowed_cidrs", "config-cidr-list", ["[]", '["10.0.0.0/8", "10.0.0.0/8"]']),
  ...fields("packer.network", "config-cloud-name", ['"a;b"', '"-x"']),
  ...fields("ceph_s3.bucket", "config-bucket", [
    '"AB"',
    '"ab"',
    '"a_b"',
    '"Bucket"',
    '"a..b"',
    '"a.-b"',
    '"-abc"',
    '"abc-"',
    '"192.168.1.1"',
    `"${"b".repeat(64)}"`,
    '"a/b"',
    '""',
  ]),
  ...["s3.access_key", "s3.secret_key", "ceph_s3.access_key", "ceph_s3.secret_key"].flatMap((dotted) =>
    fields(dotted, "config-credential", [
      `"${canary} x"`,
      `"-${canary}"`,
      `"${canary}\\nx"`,
      `"${canary}é"`,
      `"${canary.repeat(20)}"`,
    ]),
  ),
  whole(
    "the s3 endpoint has no keys",
    `${smallest}[s3]\nendpoint = "host"\naccess_key = ‸""\n`,
    "config-s3-keys",
    "s3.endpoint, s3.access_key, and s3.secret_key must all be set together: s3.access_key is blank, s3.secret_key is blank",
    { needs: ["s3"] },
  ),
  ...fields("security_groups.allowed_cidrs", "config-cidr", [
    '[‸"10.0.0.1/8"]',
    '[‸"10.0.0.0"]',
    '[‸"10.0.0.0/33"]',
    '[‸"::/0"]',
    '["0.0.0.0/0", ‸"x"]',
    '[‸""]',
    '[‸"10.0.0.0/8; x"]',
  ]),
  field("security_groups.allowed_cidrs", '[‸"10.1.2.3/8"]', "config-cidr", "10.0.0.0/8"),
  ...fields("security_groups.allowed_cidrs", "config-cidr-list", ["[]", '["10.0.0.0/8", "10.0.0.0/8"]']),
  ...fields("dns.search_domains", "config-dns-domains", [
    '"a,b"',
    '"a  b"',
    '"-a.b"',
    '"a..b"',
    '".a"',
    '"a_b"',
    '"a\\nnameserver 6.6.6.6"',
    '"a;b"',
    `"${"a".repeat(64)}"`,
    '"{{x}}"',
  ]),
  ...fields(
    "extras.system_packages",
    "config-system-package",
    [
      '[‸"A"]',
      '[‸"-y"]',
      '[‸"--allow"]',
      '["mc", ‸"a b"]',
      '[‸"mc-"]',
      '[‸"x"]',
      '[‸"http://x/y.deb"]',
      '[‸"./x.deb"]',
      '[‸"{{ x }}"]',
      '[‸"mc=1"]',
      '[‸""]',
    ],
    "extras.system_packages[",
  ),
  ...fields(
    "extras.python_packages",
    "config-python-package",
    [
      '[‸"--index-url"]',
      '[‸"git+https://x/y"]',
      '[‸"a @ https://x"]',
      '["pandas", ‸"a; python_version>\'3\'"]',
      '[‸"{{ x }}"]',
      '[‸"a b"]',
      '[‸"a>=1,,2"]',
      '[‸"./x"]',
      '[‸"-e ."]',
      '[‸"a\\n-r x"]',
      '[‸"a[;]"]',
      '[‸""]',
    ],
    "extras.python_packages[",
  ),
];

const keys = (text: string, says: string): Case =>
  field("ssh_keys.public_keys", `["${sshKeys.ed25519}", ‸${JSON.stringify(text)}]`, "config-ssh-key", says);

export const sshKeyCases: Case[] = [
  keys("garbage", "ssh_keys.public_keys[1]"),
  keys("", "it is blank"),
  keys(`-----BEGIN OPENSSH PRIVATE KEY-----\n${canary}\n-----END`, "this is a private key"),
  keys(`-----BEGIN RSA PRIVATE KEY----- ${canary}`, "this is a private key"),
  keys(`command="rm ${canary}" ${sshKeys.ed25519}`, "options"),
  keys(`no-pty ${sshKeys.rsa2048}`, "options"),
  keys(`${sshKeys.ed25519}\n${sshKeys.ed25519}`, "line break"),
  keys(sshKeys.dsa, "DSA"),
  keys(sshKeys.rsa1024, "an RSA key of 1024 bits is too short"),
  keys(sshKeys.wrong_inner, "different algorithms"),
  keys(sshKeys.truncated, "cut off or damaged"),
  keys(sshKeys.trailing, "cut off or damaged"),
  keys(sshKeys.short, "cut off or damaged"),
  keys("ssh-ed25519", "not base64"),
  keys("ssh-ed25519 !!!!", "not base64"),
  keys(sshKeys.ed25519.slice(0, -9), "ssh_keys.public_keys[1]"),
  keys(`ssh-ed25519-cert-v01@openssh.com ${sshKeys.ed25519.split(" ")[1] ?? ""}`, "certificate"),
  keys(`${sshKeys.ed25519} $(id)`, "comment"),
  keys(`${sshKeys.ed25519} a"b`, "comment"),
  keys(`${sshKeys.ed25519} a\u001b[2J`, "U+001B"),
];

const state = `${smallest}[ceph_s3]\nendpoint = "host"\n`;
const stateWords = "Ceph S3 credentials required for Pulumi state backend";

export const needCases: Case[] = [
  whole(
    "the state's keys are not there",
    `${smallest}[ceph_s3]\nendpoint = ‸""\n`,
    "config-state-credentials",
    `${stateWords}: ceph_s3.endpoint is blank, ceph_s3.access_key is blank, ceph_s3.secret_key is blank`,
    { needs: ["state"] },
  ),
  whole(
    "a state key's variable is not set",
    `${state}access_key = ‸"$CEPH_S3_ACCESS_KEY"\nsecret_key = "${canary}"\n`,
    "config-state-credentials",
    `${stateWords}: ceph_s3.access_key is blank ($CEPH_S3_ACCESS_KEY is not set)`,
    { needs: ["state"] },
  ),
  whole(
    "a state key's variable is empty",
    `${state}access_key = "${canary}"\nsecret_key = ‸"\${S}"\n`,
    "config-state-credentials",
    "ceph_s3.secret_key is blank ($S is empty)",
    { needs: ["state"], env: { S: "" } },
  ),
  whole(
    "a state key is a literal with a $ in front",
    `${state}access_key = "${canary}"\nsecret_key = ‸"$${canary}"\n`,
    "config-state-credentials",
    "ceph_s3.secret_key is blank (a variable is not set)",
    { needs: ["state"] },
  ),
  whole(
    "the state's bucket is blanked",
    `${state}bucket = ‸"$B"\naccess_key = "a"\nsecret_key = "b"\n`,
    "config-bucket",
    "ceph_s3.bucket",
    { needs: ["state"] },
  ),
  whole("there is no SSH key", `‸${smallest}`, "config-ssh-keys-missing", "at least one SSH public key required", {
    needs: ["ssh_keys"],
  }),
  whole(
    "the list of SSH keys is empty",
    `${smallest}[ssh_keys]\npublic_keys = ‸[]\n`,
    "config-ssh-keys-missing",
    "ssh_keys.public_keys",
    { needs: ["ssh_keys"] },
  ),
  whole("there is no [packer]", `‸${smallest}`, "config-packer-missing", "packer.base_image required", {
    needs: ["packer"],
  }),
  whole("the bundle is unknown", `${smallest}bundle = ‸"hail-9"\n`, "bundle-not-found", "Bundle 'hail-9' not found", {
    needs: ["bundle"],
  }),
  whole(
    "the bundle of a variable is unknown",
    `${smallest}bundle = ‸"$B"\n`,
    "bundle-not-found",
    "Bundle '$B' not found. Available bundle IDs: hail-0.2.136-gnomad-3.0.4-r1, ",
    { needs: ["bundle"], env: { B: canary } },
  ),
  whole(
    "a required field's variable is not set",
    `[cluster]\nname = ‸"$NAME"\nmaster_flavour = "m"\n`,
    "config-cluster-name",
    "it is blank ($NAME is not set)",
  ),
  whole(
    "a wrong value comes from a variable",
    `[cluster]\nname = ‸"$NAME"\nmaster_flavour = "m"\n`,
    "config-cluster-name",
    "cluster.name must be",
    { env: { NAME: `${canary} A` } },
  ),
  whole(
    "a wrong choice comes from a variable",
    `${smallest}monitoring = ‸"$M"\n`,
    "config-choice",
    "cluster.monitoring must be",
    { env: { M: canary } },
  ),
];

export const allCases: Case[] = [
  ...syntaxCases,
  ...keyCases,
  ...typeCases,
  ...valueCases,
  ...sshKeyCases,
  ...needCases,
];
