import { callsOf } from "../step.ts";

const { get, post, del } = callsOf("identity");

const domain = { name: "Default" };
const user = { name: "{user}", domain, password: "{password}" };
const scope = { project: { name: "{project}", domain } };
const password = { methods: ["password"], password: { user } };

const credentials = "/v3/users/{user_id}/application_credentials";
const byCredential = (application_credential: object) => ({
  auth: { identity: { methods: ["application_credential"], application_credential } },
});

/** Three ways to log in and the ways to fail at it. */
export const identity = [
  get("identity: versions", "/", { token: null }),
  get("identity: version 3", "/v3/", { token: null }),
  post(
    "log in by password",
    "/v3/auth/tokens",
    { auth: { identity: password, scope } },
    {
      token: null,
      save: { main: "header:x-subject-token", user_id: "token.user.id", project_id: "token.project.id" },
    },
  ),
  post(
    "log in by user id and project id",
    "/v3/auth/tokens",
    {
      auth: {
        identity: { methods: ["password"], password: { user: { id: "{user_id}", password: "{password}" } } },
        scope: { project: { id: "{project_id}" } },
      },
    },
    { token: null },
  ),
  post(
    "log in unscoped",
    "/v3/auth/tokens",
    { auth: { identity: password } },
    {
      token: null,
      save: { unscoped: "header:x-subject-token" },
    },
  ),
  post(
    "log in by token",
    "/v3/auth/tokens",
    { auth: { identity: { methods: ["token"], token: { id: "{unscoped}" } }, scope } },
    { token: null, save: { by_token: "header:x-subject-token" } },
  ),
  post(
    "log in with a wrong password",
    "/v3/auth/tokens",
    { auth: { identity: { methods: ["password"], password: { user: { ...user, password: "wrong" } } }, scope } },
    { token: null },
  ),
  post(
    "log in to an unknown project",
    "/v3/auth/tokens",
    { auth: { identity: password, scope: { project: { name: "nowhere", domain } } } },
    { token: null },
  ),
  post("log in with no identity", "/v3/auth/tokens", { auth: { scope } }, { token: null }),
  post(
    "log in with an unknown method",
    "/v3/auth/tokens",
    { auth: { identity: { methods: ["telepathy"] }, scope } },
    {
      token: null,
    },
  ),
  get("token: look at it", "/v3/auth/tokens", { subject: true }),
  get("projects one may enter", "/v3/auth/projects"),
  get("projects: by name", "/v3/projects?name={project}"),
  get("projects: one's own", "/v3/projects/{project_id}"),
  get("projects: unknown id", "/v3/projects/11111111111111111111111111111111"),
  post(
    "application credential: create",
    credentials,
    { application_credential: { name: "conf-credential", secret: "conf-secret", description: "conformance" } },
    { save: { credential_id: "application_credential.id" } },
  ),
  post("application credential: create again", credentials, {
    application_credential: { name: "conf-credential", secret: "conf-secret" },
  }),
  get("application credential: read", `${credentials}/{credential_id}`),
  get("application credential: list", credentials),
  post(
    "log in by application credential",
    "/v3/auth/tokens",
    byCredential({ id: "{credential_id}", secret: "conf-secret" }),
    { token: null, save: { by_credential: "header:x-subject-token" } },
  ),
  post(
    "log in by application credential's name",
    "/v3/auth/tokens",
    byCredential({ name: "conf-credential", secret: "conf-secret", user: { name: "{user}", domain } }),
    { token: null },
  ),
  post(
    "log in by application credential with a scope",
    "/v3/auth/tokens",
    {
      auth: {
        identity: {
          methods: ["application_credential"],
          application_credential: { id: "{credential_id}", secret: "conf-secret" },
        },
        scope,
      },
    },
    { token: null },
  ),
  post(
    "log in by application credential with a wrong secret",
    "/v3/auth/tokens",
    byCredential({ id: "{credential_id}", secret: "wrong" }),
    { token: null },
  ),
  post(
    "log in by the token of an application credential",
    "/v3/auth/tokens",
    { auth: { identity: { methods: ["token"], token: { id: "{by_credential}" } }, scope } },
    { token: null },
  ),
  post(
    "application credential: create with a restricted token",
    credentials,
    { application_credential: { name: "conf-second" } },
    { token: "by_credential" },
  ),
  del("application credential: delete", `${credentials}/{credential_id}`),
  get("application credential: read a deleted one", `${credentials}/{credential_id}`),
  get("identity: no token", "/v3/auth/projects", { token: null }),
  get("identity: unknown path", "/v3/telepathy"),
  del("token: revoke without one", "/v3/auth/tokens"),
];
