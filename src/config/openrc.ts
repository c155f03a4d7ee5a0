/** One OpenStack login as clouds.yaml spells it, and how to get it from the `OS_*` variables of an openrc.sh. Pure. */
import { Exit, HailstackError, type Problem } from "../errors.ts";
import type { Env } from "../world.ts";

/** An entry of clouds.yaml. Keys and values are OpenStack's own; blank values are left out. */
export type CloudEntry = {
  readonly auth_type?: string;
  readonly auth: Readonly<Record<string, string>>;
  readonly region_name?: string;
  readonly interface?: string;
  readonly identity_api_version?: string;
  readonly cacert?: string;
  readonly verify?: boolean;
};

export type AuthKind = "password" | "application-credential" | "token";

const kinds: Readonly<Record<string, AuthKind>> = {
  password: "password",
  v3password: "password",
  v3applicationcredential: "application-credential",
  token: "token",
  v3token: "token",
};

/** How an entry says it; a password is what is meant where nothing is said. */
const usualType: Readonly<Partial<Record<AuthKind, string>>> = {
  "application-credential": "v3applicationcredential",
  token: "v3token",
};

/** Every `auth_type` hailstack can log in with. */
export const authTypes = Object.keys(kinds);

/** How an entry logs in: by its `auth_type`, else by what it holds; undefined for a type hailstack does not speak. */
export function authKind({ auth, auth_type }: CloudEntry): AuthKind | undefined {
  if (auth_type !== undefined) return kinds[auth_type];
  if (auth["password"] !== undefined) return "password";
  if (auth["application_credential_secret"] !== undefined) return "application-credential";
  return auth["token"] === undefined ? "password" : "token";
}

/** The keys of `auth` that this kind of login needs and the entry lacks; of alternatives the usual one. */
export function missingAuth({ auth }: CloudEntry, kind: AuthKind): string[] {
  const has = (key: string): boolean => auth[key] !== undefined;
  const wanted = ["auth_url"];
  if (kind === "token") wanted.push("token");
  if (kind === "password") {
    if (!has("project_id")) wanted.push("project_name");
    if (!has("user_id")) wanted.push("username");
    wanted.push("password");
  }
  if (kind === "application-credential") {
    if (!has("application_credential_name")) wanted.push("application_credential_id");
    if (!has("application_credential_id") && !has("user_id")) wanted.push("username");
    wanted.push("application_credential_secret");
  }
  return wanted.filter((key) => !has(key));
}

/**
 * The entry that says what the `OS_*` variables say. The password alone may be missing: it can be kept in secure.yaml.
 * @throws HailstackError (2) naming every variable that is missing
 */
export function openrcEntry(env: Env): CloudEntry {
  const entry = readEntry(env);
  const kind = authKind(entry);
  if (kind === undefined) throw unsupported(entry.auth_type ?? "");
  const missing = missingAuth(entry, kind).filter((key) => key !== "password");
  if (missing.length > 0) throw new HailstackError(Exit.usage, missing.map(notSet));
  // Without it other programs take an entry for a password's.
  const auth_type = entry.auth_type ?? usualType[kind];
  return { ...(auth_type === undefined ? {} : { auth_type }), ...entry, auth: pick(entry.auth, keysOf[kind]) };
}

/** True when the environment tries to log in by itself, not merely to pick a region or a certificate. */
export function hasCredentials(env: Env): boolean {
  const telling = ["AUTH_URL", "USERNAME", "USER_ID", "PASSWORD", "TOKEN", "APPLICATION_CREDENTIAL_SECRET"];
  return telling.some((name) => value(env, name) !== undefined);
}

/** What the variable beside a key of `auth` is missing means to the user. */
function notSet(key: string): Problem {
  const name = `OS_${key.toUpperCase()}`;
  return {
    slug: "openrc-missing",
    message: `${name} not set. Source your openrc.sh first.`,
    fix: `source openrc.sh, or export ${name}`,
  };
}

function unsupported(type: string): HailstackError {
  const problem = {
    slug: "cloud-auth-type",
    message: `OS_AUTH_TYPE '${type}' is not supported`,
    fix: `use one of ${authTypes.join(", ")}; an application credential works where single sign-on is used`,
  };
  return new HailstackError(Exit.usage, [problem]);
}

const login = ["auth_url"];
const project = ["project_id", "project_name"];
const user = ["username", "user_id"];
const userDomain = ["user_domain_name", "user_domain_id"];
const projectDomain = ["project_domain_name", "project_domain_id"];
/** In the order they are written. */
const keysOf: Readonly<Record<AuthKind, readonly string[]>> = {
  password: [...login, ...project, ...user, "password", ...userDomain, ...projectDomain],
  "application-credential": [
    ...login,
    "application_credential_id",
    "application_credential_name",
    "application_credential_secret",
    ...user,
    ...userDomain,
  ],
  token: [...login, "token", ...project, ...projectDomain],
};

function readEntry(env: Env): CloudEntry {
  const get = (name: string, ...others: string[]): string | undefined =>
    [name, ...others].map((each) => value(env, each)).find((each) => each !== undefined);
  const auth = {
    auth_url: get("AUTH_URL"),
    project_id: get("PROJECT_ID", "TENANT_ID"),
    project_name: get("PROJECT_NAME", "TENANT_NAME"),
    username: get("USERNAME"),
    user_id: get("USER_ID"),
    password: get("PASSWORD"),
    token: get("TOKEN", "AUTH_TOKEN"),
    application_credential_id: get("APPLICATION_CREDENTIAL_ID"),
    application_credential_name: get("APPLICATION_CREDENTIAL_NAME"),
    application_credential_secret: get("APPLICATION_CREDENTIAL_SECRET"),
    ...domain(env, "user_domain"),
    ...domain(env, "project_domain"),
  };
  const insecure = /^(1|true|yes|on)$/i.test(get("INSECURE") ?? "");
  return {
    ...defined({ auth_type: get("AUTH_TYPE") }),
    auth: defined(auth),
    ...defined({
      region_name: get("REGION_NAME"),
      interface: get("INTERFACE", "ENDPOINT_TYPE")?.replace(/URL$/, ""),
      identity_api_version: get("IDENTITY_API_VERSION"),
      cacert: get("CACERT"),
    }),
    ...(insecure ? { verify: false } : {}),
  };
}

/** Its own variables, else `OS_DOMAIN_*`, which stand for both, else the fallback `OS_DEFAULT_DOMAIN`. */
function domain(env: Env, key: "user_domain" | "project_domain"): Record<string, string | undefined> {
  for (const prefix of [key.toUpperCase(), "DOMAIN"]) {
    const name = value(env, `${prefix}_NAME`);
    const id = value(env, `${prefix}_ID`);
    if (name !== undefined || id !== undefined) return { [`${key}_name`]: name, [`${key}_id`]: id };
  }
  return { [`${key}_id`]: value(env, "DEFAULT_DOMAIN") };
}

/** openrc.sh exports what the user left out as empty. */
function value(env: Env, name: string): string | undefined {
  return env[`OS_${name}`] || undefined;
}

function pick(from: Readonly<Record<string, string>>, keys: readonly string[]): Record<string, string> {
  return defined(Object.fromEntries(keys.map((key) => [key, from[key]])));
}

function defined(from: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(from).filter((pair): pair is [string, string] => pair[1] !== undefined));
}
