import { expect, test } from "vitest";
import { childEnv } from "../../src/openstack/child-env.ts";
import type { CloudAuth } from "../../src/world.ts";

const known = { user: "alice", userDomainId: "d1", projectId: "p1", region: "R1" };
const envOf = (auth: CloudAuth, more?: typeof known) =>
  childEnv({ authUrl: "https://k.example/v3", interface: "public", insecure: false, auth }, more);

test("a user's id becomes a name and domain once they are known: the provider cannot use an id", () => {
  const auth: CloudAuth = { kind: "password", user: { id: "u1" }, password: "x", project: { id: "p1" } };
  expect(envOf(auth)).toMatchObject({ OS_USER_ID: "u1" });
  const env = envOf(auth, known);
  expect(env).toMatchObject({ OS_USERNAME: "alice", OS_USER_DOMAIN_ID: "d1", OS_REGION_NAME: "R1" });
  expect(env).not.toHaveProperty("OS_USER_ID");
});

test("a token without a project gets the one it turned out to be for", () => {
  expect(envOf({ kind: "token", token: "t" }, known)).toMatchObject({ OS_TOKEN: "t", OS_PROJECT_ID: "p1" });
});

test("an application credential names no project: Keystone refuses a scope beside it", () => {
  const auth: CloudAuth = { kind: "application-credential", credential: { id: "a1" }, secret: "x" };
  expect(envOf(auth, known)).toEqual({
    OS_AUTH_URL: "https://k.example/v3",
    OS_AUTH_TYPE: "v3applicationcredential",
    OS_IDENTITY_API_VERSION: "3",
    OS_APPLICATION_CREDENTIAL_ID: "a1",
    OS_APPLICATION_CREDENTIAL_SECRET: "x",
    OS_REGION_NAME: "R1",
    OS_ENDPOINT_TYPE: "public",
    OS_INTERFACE: "public",
  });
});
