import { expect, test } from "vitest";
import { load, problemsOf, smallest } from "./world.ts";

const state = `${smallest}[ceph_s3]\nendpoint = "host"\naccess_key = "$CEPH_S3_ACCESS_KEY"\nsecret_key = "$CEPH_S3_SECRET_KEY"\n`;
const dotenv =
  'export CEPH_S3_ACCESS_KEY=access1\nCEPH_S3_SECRET_KEY="secret-${CEPH_S3_ACCESS_KEY}"\nSITE_TOKEN=token1\nUSER=ann\n';

test("the process's variables win over those of the .env file, and both reach the config", async () => {
  const { config, env } = await load({
    toml: state,
    env: { CEPH_S3_ACCESS_KEY: "outer" },
    files: { ".env": dotenv },
    options: { dotenv: ".env" },
  });

  expect(config.ceph_s3).toMatchObject({ access_key: "outer", secret_key: "secret-outer" });
  expect(env).toEqual({
    CEPH_S3_ACCESS_KEY: "outer",
    CEPH_S3_SECRET_KEY: "secret-outer",
    SITE_TOKEN: "token1",
    USER: "ann",
  });
});

test("every secret is handed over for masking, and nothing else", async () => {
  const env = { HAILSTACK_WEB_PASSWORD: "web password 1", PULUMI_CONFIG_PASSPHRASE: "passphrase", HOME: "/home/a" };
  const { secrets } = await load({
    toml: `${state}[s3]\nsecret_key = "literal"\n`,
    env,
    files: { ".env": dotenv },
    options: { dotenv: ".env" },
  });

  expect(new Set(secrets)).toEqual(
    new Set(["web password 1", "passphrase", "access1", "secret-access1", "token1", "literal"]),
  );
});

test("a missing .env file is one fault, not one for each variable in it", async () => {
  const problems = await problemsOf({
    toml: `${state.replace('"c1"', '"$NAME"')}x = 1\n`,
    needs: ["state", "passwords"],
    options: { dotenv: "no.env" },
  });

  expect(problems.map(({ slug, where }) => `${where ?? ""} ${slug}`)).toEqual([
    "no.env file-missing",
    "c.toml:8:1 config-unknown-key",
  ]);
});

test.for([
  { mode: 0o600, warned: false },
  { mode: 0o640, warned: false },
  { mode: 0o644, warned: true },
])("a .env file of mode $mode is a warning: $warned", async ({ mode, warned }) => {
  const { warnings } = await load({
    toml: smallest,
    files: { ".env": "A=1\n" },
    modes: { ".env": mode },
    options: { dotenv: ".env" },
  });

  expect(warnings.map(({ slug, fix }) => [slug, fix])).toEqual(
    warned ? [["dotenv-world-readable", "chmod 600 .env"]] : [],
  );
});

test("a line that is no assignment is a warning with its place, and none of its text", async () => {
  const { warnings } = await load({
    toml: smallest,
    files: { ".env": "A=1\nSECRET='hunter2\n" },
    options: { dotenv: ".env" },
  });

  expect(warnings).toMatchObject([{ slug: "dotenv-line", where: ".env:2:1" }]);
  expect(JSON.stringify(warnings)).not.toContain("hunter2");
});

const volume = `${smallest}[volumes]\nexisting_volume_id = "1f6c0e5e-9a43-4c1e-8b0a-2f6d1c7e9b11"\n`;

test.for([
  {
    when: "it is blank",
    env: { HAILSTACK_WEB_PASSWORD: " " },
    slug: "password-missing",
    says: "HAILSTACK_WEB_PASSWORD required",
  },
  {
    when: "it is longer than 1,024 bytes",
    env: { HAILSTACK_WEB_PASSWORD: "é".repeat(513) },
    slug: "password-too-long",
    says: "1026 bytes, more than 1024",
  },
  {
    when: "it holds a line break",
    env: { HAILSTACK_WEB_PASSWORD: "hunter2hunter2\nx" },
    slug: "password-control-character",
    says: "character 15",
  },
  {
    when: "it holds a NUL",
    env: { HAILSTACK_WEB_PASSWORD: "hunter2hunter2\u0000" },
    slug: "password-control-character",
    says: "HAILSTACK_WEB_PASSWORD",
  },
  {
    when: "the volume's is missing",
    toml: volume,
    env: { HAILSTACK_WEB_PASSWORD: "hunter2hunter2" },
    slug: "password-missing",
    says: "HAILSTACK_VOLUME_PASSWORD required when a data volume is attached",
  },
])("a password is refused when $when", async ({ toml = smallest, env, slug, says }) => {
  const problems = await problemsOf({ toml, env, needs: ["passwords"] });

  expect(problems).toMatchObject([{ slug, message: expect.stringContaining(says) }]);
  expect(JSON.stringify(problems)).not.toContain("hunter2");
});

test("passwords come with the config when they were needed, the volume's only with a volume", async () => {
  const env = { HAILSTACK_WEB_PASSWORD: "correct horse battery", HAILSTACK_VOLUME_PASSWORD: "short" };
  const without = await load({ toml: smallest, env, needs: ["passwords"] });
  const with_ = await load({ toml: volume, env, needs: ["passwords"] });

  expect(without).toMatchObject({ passwords: { web: "correct horse battery" }, warnings: [] });
  expect(without.passwords).not.toHaveProperty("volume");
  expect(with_).toMatchObject({ passwords: { volume: "short" }, warnings: [{ slug: "password-short" }] });
  expect((await load({ toml: volume, env })).passwords).toBeUndefined();
});
