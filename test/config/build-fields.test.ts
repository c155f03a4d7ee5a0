/** The fields of [packer] that say how a bake reaches the world, and the passwords in their URLs. */
import { expect, test } from "vitest";
import { userinfoSecrets, withoutUserinfo } from "../../src/config/userinfo.ts";
import { load, smallest } from "./world.ts";

const packer = `${smallest}[packer]\nbase_image = "i"\n`;

test("without them a bake takes everything from its home, in the cluster's network", async () => {
  expect((await load({ toml: packer })).config.packer).toEqual({
    base_image: "i",
    flavour: "m2.medium",
    floating_ip_pool: "",
    network: "cloudforms_network",
    allowed_cidrs: ["0.0.0.0/0"],
    artifact_mirror: "",
    apt_mirror: "",
    pypi_index: "",
    http_proxy: "",
    no_proxy: "",
    ca_file: "",
  });
});

test.for([
  { key: "artifact_mirror", value: "https://mirror.example.org/hailstack" },
  { key: "artifact_mirror", value: "https://ann:p%27w@10.0.0.1:8443/a/b+c/~d/" },
  { key: "apt_mirror", value: "http://mirror.example.org/ubuntu/" },
  { key: "pypi_index", value: "https://token@mirror.example.org/simple" },
  { key: "http_proxy", value: "http://proxy.example.org:3128" },
  { key: "http_proxy", value: "https://ann:p%40%3Aw@proxy.example.org:3128/" },
  { key: "no_proxy", value: "localhost, .example.org,10.0.0.0/8,::1,fe80::/10,host:8080" },
  { key: "ca_file", value: "../site/ca (new).pem" },
  { key: "network", value: "build net" },
])("packer.$key may be $value", async ({ key, value }) => {
  const { config, warnings } = await load({ toml: `${packer}${key} = ${JSON.stringify(value)}\n` });

  expect(config.packer).toHaveProperty(key, value);
  expect(warnings).toEqual([]);
});

test("the passwords in their URLs are secrets, as they are spelt and in clear, and the rest of them is not", async () => {
  const urls = {
    artifact_mirror: "https://ann:first%2Fone@mirror.example.org/",
    apt_mirror: "https://second-one@mirror.example.org/",
    pypi_index: "https://mirror.example.org/simple/",
    http_proxy: "http://ann:$WORD@proxy.example.org:3128",
  };
  const lines = Object.entries(urls).map(([key, url]) => `${key} = "${url}"\n`);
  const { secrets, warnings } = await load({ toml: packer + lines.join(""), env: { WORD: "third-one" } });

  expect(secrets).toEqual([
    "ann:first%2Fone",
    "ann:first/one",
    "first%2Fone",
    "first/one",
    "second-one",
    "ann:third-one",
    "third-one",
  ]);
  expect(warnings).toEqual([]);
});

test("a password with a '$' in it is named in no warning", async () => {
  const { warnings } = await load({ toml: `${packer}http_proxy = "http://ann:pa$sw0rd@proxy:3128"\n` });

  expect(warnings).toMatchObject([
    {
      slug: "config-variable-unset",
      message: "a variable in packer.http_proxy is not set; an empty text takes its place",
    },
  ]);
  expect(JSON.stringify(warnings)).not.toContain("sw0rd");
});

test.for([
  { url: "https://host/a@b", secrets: [], shown: "https://host/a@b" },
  { url: "https://ann:x@host/", secrets: ["ann:x", "x"], shown: "https://***@host/" },
  { url: "https://tok%zzen@host/", secrets: ["tok%zzen"], shown: "https://***@host/" },
  { url: "https://ann:@host/", secrets: ["ann"], shown: "https://***@host/" },
])("$url is shown as $shown", ({ url, secrets, shown }) => {
  expect(userinfoSecrets(url)).toEqual(secrets);
  expect(withoutUserinfo(url)).toBe(shown);
});
