/** Logging in: `POST /v3/auth/tokens` and what a token says. */
import { type Call, userOf } from "../core/call.ts";
import { type Answer, Refusal, type ServiceName, keystoneAnswer, keystoneError } from "../core/errors.ts";
import { type Fields, type Json, fieldsOf, textOf, textsOf } from "../core/json.ts";
import type { Core } from "../core.ts";
import type { Credential, Token, User } from "../state.ts";

export const roles = [
  { id: "2426c53387144aeaa5f46a84de5eceb0", name: "member" },
  { id: "e4eba28822f04a3aa921e14af4f06a4e", name: "reader" },
];
export const domain = { id: "default", name: "Default" };

/** The one answer to every failed login: it does not say what was wrong. */
export const unauthorized = (call: Pick<Call, "root">, message = noToken): Refusal =>
  new Refusal({
    ...keystoneAnswer(401, message),
    headers: { "www-authenticate": `Keystone uri="${call.root("identity")}/v3"` },
  });
const noToken = "The request you have made requires authentication.";

type Login = { user: User; projectId?: string; credential?: Credential; methods: string[]; expiresAt?: Date };

export function createToken(call: Call): Answer {
  const auth = fieldsOf(fieldsOf(call.body).auth);
  const identity = auth.identity;
  if (identity === undefined) throw keystoneError(400, "'identity' is a required property");
  const methods = textsOf(fieldsOf(identity).methods);
  const login = loginBy(call, methods[0] ?? "", fieldsOf(identity), auth.scope);
  const token = issueToken(call.core, login);
  return { status: 201, body: { token: tokenView(call, token) }, headers: { "x-subject-token": token.id } };
}

function loginBy(call: Call, method: string, identity: Fields, scope: Json | undefined): Login {
  if (method === "password") return byPassword(call, fieldsOf(fieldsOf(identity.password).user), scope);
  if (method === "token") return byToken(call, textOf(fieldsOf(identity.token).id) ?? "", scope);
  if (method === "application_credential") {
    return byCredential(call, fieldsOf(identity.application_credential), scope);
  }
  throw keystoneError(
    400,
    `Expecting to find ${method} in identity. The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error.`,
  );
}

function byPassword(call: Call, fields: Fields, scope: Json | undefined): Login {
  const user = findUser(call.core, fields);
  if (user === undefined || user.password !== fields.password) throw unauthorized(call);
  return { user, methods: ["password"], ...scopedTo(call, user, scope) };
}

function byToken(call: Call, id: string, scope: Json | undefined): Login {
  const old = validToken(call.core, id);
  const user = old === undefined ? undefined : call.core.state.users.get(old.userId);
  if (old === undefined || user === undefined) throw unauthorized(call);
  if (old.credentialId !== undefined) {
    throw forbidden("Using a delegated token to create another token is not allowed.");
  }
  const methods = [...new Set(["token", ...old.methods])];
  return { user, methods, expiresAt: old.expiresAt, ...scopedTo(call, user, scope) };
}

function byCredential(call: Call, fields: Fields, scope: Json | undefined): Login {
  const { state } = call.core;
  if (scope !== undefined) {
    const message = "Error authenticating with application credential: Application credentials cannot request a scope.";
    const { answer } = unauthorized(call, message);
    throw new Refusal({
      ...answer,
      body: { error: { code: 401, message, title: "Unauthorized", identity: {} } },
    });
  }
  const user = findUser(call.core, fieldsOf(fields.user));
  const credential = [...state.credentials.values()].find(({ id, name, userId }) =>
    fields.id === undefined ? name === fields.name && userId === user?.id : id === fields.id,
  );
  const owner = credential && state.users.get(credential.userId);
  if (credential === undefined || owner === undefined || credential.secret !== fields.secret) throw unauthorized(call);
  return { user: owner, projectId: credential.projectId, credential, methods: ["application_credential"] };
}

const isDefaultDomain = (fields: Fields): boolean => fields.id === domain.id || fields.name === domain.name;

function findUser({ state }: Core, fields: Fields): User | undefined {
  const id = textOf(fields.id);
  if (id !== undefined) return state.users.get(id);
  if (!isDefaultDomain(fieldsOf(fields.domain))) return undefined;
  return [...state.users.values()].find(({ name }) => name === fields.name);
}

function scopedTo(call: Call, user: User, scope: Json | undefined): { projectId?: string } {
  const wanted = fieldsOf(scope).project;
  if (wanted === undefined) return {};
  const fields = fieldsOf(wanted);
  const project = [...call.core.state.projects.values()].find(({ id, name }) =>
    fields.id === undefined ? name === fields.name && isDefaultDomain(fieldsOf(fields.domain)) : id === fields.id,
  );
  if (project === undefined || !user.projectIds.includes(project.id)) throw unauthorized(call);
  return { projectId: project.id };
}

function issueToken(core: Core, { user, projectId, credential, methods, expiresAt }: Login): Token {
  const issuedAt = core.clock.now();
  const label = `${user.name} ${methods.join()}`;
  const token: Token = {
    id: `gAAAAAB${core.seed.hex("token", label).repeat(5)}`,
    userId: user.id,
    ...(projectId === undefined ? {} : { projectId }),
    ...(credential === undefined ? {} : { credentialId: credential.id }),
    methods,
    issuedAt,
    expiresAt: expiresAt ?? new Date(issuedAt.getTime() + core.tokenLifetimeMs),
    auditId: core.seed.hex("audit", label).slice(0, 22),
  };
  core.state.tokens.set(token.id, token);
  return token;
}

/** The token of this id, when it has not run out. */
export function validToken({ state, clock }: Core, id: string | undefined): Token | undefined {
  const token = id === undefined ? undefined : state.tokens.get(id);
  return token !== undefined && token.expiresAt > clock.now() ? token : undefined;
}

export const forbidden = (reason: string): Refusal =>
  keystoneError(403, `You are not authorized to perform the requested action: ${reason}.`);

function tokenView(call: Call, token: Token): Fields {
  const { state } = call.core;
  const user = state.users.get(token.userId);
  const project = token.projectId === undefined ? undefined : state.projects.get(token.projectId);
  const credential = token.credentialId === undefined ? undefined : state.credentials.get(token.credentialId);
  const micros = (time: Date) => `${time.toISOString().slice(0, 19)}.000000Z`;
  const view: Fields = {
    methods: token.methods,
    user: { domain, id: token.userId, name: user?.name ?? "", password_expires_at: null },
    audit_ids: [token.auditId],
    expires_at: micros(token.expiresAt),
    issued_at: micros(token.issuedAt),
  };
  if (project !== undefined) {
    view.project = { domain, id: project.id, name: project.name };
    view.is_domain = false;
    view.roles = roles;
    view.catalog = catalogue(call, project.id);
  }
  if (credential !== undefined) {
    view.application_credential = { id: credential.id, name: credential.name, restricted: !credential.unrestricted };
  }
  return view;
}

const catalogued: readonly [ServiceName, string, string, (root: string, projectId: string) => string][] = [
  ["identity", "identity", "keystone", (root) => `${root}/v3/`],
  ["image", "image", "glance", (root) => root],
  ["volume", "volumev3", "cinderv3", (root, projectId) => `${root}/v3/${projectId}`],
  ["compute", "compute", "nova", (root) => `${root}/v2.1`],
  ["network", "network", "neutron", (root) => root],
];

function catalogue(call: Call, projectId: string): Json {
  const { region } = call.core;
  const id = (text: string) => Buffer.from(text.padEnd(16, ".")).toString("hex").slice(0, 32);
  return catalogued.map(([service, type, name, urlOf]) => ({
    endpoints: ["public", "internal", "admin"].map((face) => ({
      id: id(`${face}${name}`),
      interface: face,
      region_id: region,
      url: urlOf(call.root(service), projectId),
      region,
    })),
    id: id(name),
    type,
    name,
  }));
}

/** `GET /v3/auth/tokens`: what a token says, asked with another one. */
export function showToken(call: Call): Answer {
  const token = validToken(call.core, subjectOf(call));
  if (token === undefined) throw keystoneError(404, `Could not find token: ${subjectOf(call) ?? ""}.`);
  return { status: 200, body: { token: tokenView(call, token) }, headers: { "x-subject-token": token.id } };
}

export function revokeToken(call: Call): Answer {
  const id = subjectOf(call);
  const token = validToken(call.core, id);
  if (id === undefined || token?.userId !== userOf(call)) throw forbidden("identity:revoke_token");
  call.core.state.tokens.delete(id);
  return { status: 204 };
}

const subjectOf = ({ headers }: Call): string | undefined => {
  const value = headers["x-subject-token"];
  return typeof value === "string" ? value : undefined;
};
