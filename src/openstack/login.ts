/** Keystone v3: credentials in, a token and what it opens out. https://docs.openstack.org/api-ref/identity/v3/ */
import * as z from "zod";
import { Exit, failure, type HailstackError } from "../errors.ts";
import type { CloudAuth, CloudCredentials } from "../world.ts";
import { Catalogue } from "./catalogue.ts";
import { refusal, unexpectedAnswer } from "./refusal.ts";
import { type Answer, send, type Wire } from "./wire.ts";

export type Login = {
  token: string;
  /** When it ends, by this machine's clock; milliseconds since 1970. */
  endsAt: number;
  /** Seconds Keystone's clock is ahead of ours; Keystone tells whole seconds only. */
  clockSkewSeconds: number;
  user: { id: string; name: string; domainId: string };
  project: { id: string; name: string };
  catalogue: Catalogue;
};

const Reply = z.object({
  token: z.object({
    expires_at: z.iso.datetime({ offset: true }),
    user: z.object({ id: z.string(), name: z.string(), domain: z.object({ id: z.string() }) }),
    project: z.object({ id: z.string(), name: z.string() }).optional(),
    catalog: Catalogue.optional(),
  }),
});

/** @throws HailstackError (3) when the cloud refuses, cannot be reached, or logs in to no project */
export async function logIn(wire: Wire, credentials: CloudCredentials): Promise<Login> {
  const asked = wire.now();
  const answer = await send(wire, {
    service: "identity",
    method: "POST",
    url: `${credentials.authUrl}/auth/tokens`,
    body: { auth: loginRequest(credentials.auth) },
    // A token too many harms nobody.
    repeatable: true,
  });
  const answered = wire.now();
  const asking = { service: "identity", what: "log in", user: loginName(credentials.auth), project: "its own" };
  // Keystone cannot find a token that it never gave.
  const unknownToken = answer.status === 404 && credentials.auth.kind === "token" && answer.json !== undefined;
  if (answer.status === 401 || unknownToken) throw authenticationRefused(credentials, answer);
  if (answer.status === 404) throw noKeystone(credentials);
  if (answer.status >= 400) throw refusal(answer, asking, credentials.secrets);
  const token = answer.headers.get("x-subject-token");
  const reply = Reply.safeParse(answer.json);
  if (!reply.success) throw unexpectedAnswer(asking, reply.error.issues);
  const { expires_at, user, project, catalog } = reply.data.token;
  if (token === null || project === undefined || catalog === undefined) throw noProject(credentials);
  const skew = clockSkew(answer.headers.get("date"), asked, answered);
  return {
    token,
    endsAt: Date.parse(expires_at) - skew * 1000,
    clockSkewSeconds: skew,
    user: { id: user.id, name: user.name, domainId: user.domain.id },
    project,
    catalogue: catalog,
  };
}

/** Who logs in, as far as the credentials tell; no secret. */
export function loginName(auth: CloudAuth): string {
  const label = (one: { id: string } | { name: string }): string => ("id" in one ? one.id : one.name);
  switch (auth.kind) {
    case "password":
      return `user ${label(auth.user)}`;
    case "application-credential":
      return `application credential ${label(auth.credential)}`;
    case "token":
      return "the holder of the token";
  }
}

/** The `auth` object of Keystone's request. An application credential must not name a scope: it has one. */
function loginRequest(auth: CloudAuth): object {
  switch (auth.kind) {
    case "password":
      return {
        identity: { methods: ["password"], password: { user: { ...auth.user, password: auth.password } } },
        scope: { project: auth.project },
      };
    case "application-credential": {
      const credential = { ...auth.credential, secret: auth.secret };
      return { identity: { methods: ["application_credential"], application_credential: credential } };
    }
    case "token": {
      const identity = { methods: ["token"], token: { id: auth.token } };
      return auth.project === undefined ? { identity } : { identity, scope: { project: auth.project } };
    }
  }
}

/** Keystone gives one answer for every cause, so all are named. */
function authenticationRefused({ auth, authUrl, source }: CloudCredentials, { requestId }: Answer): HailstackError {
  const fixes = {
    password: "check user name, user domain, password, project and project domain: each gives this answer when wrong",
    "application-credential": "it is wrong, has expired or was revoked: create a new one",
    token: "it is wrong or has ended, or is not for this project: get a new one with `openstack token issue`",
  };
  const request = requestId === undefined ? "" : ` (${requestId})`;
  const message = `authentication refused by ${new URL(authUrl).host} for ${loginName(auth)}${request}`;
  return failure(Exit.preflight, "cloud-auth-refused", message, fixes[auth.kind], { where: source });
}

function noKeystone({ authUrl, source }: CloudCredentials): HailstackError {
  const message = `there is no Keystone v3 at ${authUrl} (404)`;
  const fix = "correct auth_url: it usually ends in :5000/v3 or /identity/v3";
  return failure(Exit.preflight, "cloud-auth-url", message, fix, { where: source });
}

function noProject({ auth, authUrl, source }: CloudCredentials): HailstackError {
  const message = `${new URL(authUrl).host} logs ${loginName(auth)} in to no project`;
  const fix = "set project_name in clouds.yaml, or OS_PROJECT_NAME";
  return failure(Exit.preflight, "cloud-project-missing", message, fix, { where: source });
}

/** The server wrote its time, cut to seconds, somewhere between the two moments. */
function clockSkew(date: string | null, asked: number, answered: number): number {
  const theirs = Date.parse(date ?? "");
  return Number.isNaN(theirs) ? 0 : Math.round((theirs + 500 - (asked + answered) / 2) / 1000);
}
