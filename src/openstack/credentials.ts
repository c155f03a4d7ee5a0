/** Which cloud, as whom: from the environment and clouds.yaml, without asking the network. */
import { isAbsolute, join } from "node:path";
import { authKind, authTypes, type CloudEntry, hasCredentials, missingAuth, openrcEntry } from "../config/openrc.ts";
import { Exit, HailstackError, failure, type Problem } from "../errors.ts";
import type { CloudAuth, CloudCredentials, Env, Files } from "../world.ts";
import { childEnv } from "./child-env.ts";
import { entryOf } from "./cloud-entry.ts";
import { assembleCloud, type CloudsFile, type Place, readClouds } from "./clouds-yaml.ts";

/**
 * The one set of credentials for this run. `OS_CLOUD` decides; else `OS_*` credentials; else the only cloud of
 * clouds.yaml, or the one named `openstack`.
 * @throws HailstackError (2) when there is none, several, or something is missing
 */
export async function resolveCloud(files: Files, env: Env, home: string, cwd: string): Promise<CloudCredentials> {
  const place = { files, env, home, cwd };
  const { entry, ...origin } = await chooseEntry(place);
  const authUrl = identityUrl(entry.auth["auth_url"], origin);
  const auth = authOf(entry, origin);
  const authority = entry.cacert ?? (env["OS_CACERT"] || undefined);
  const cacert = authority === undefined ? undefined : absolute(authority, place);
  const login = {
    authUrl,
    auth,
    interface: interfaceOf(entry, origin),
    insecure: entry.verify === false,
    ...(entry.region_name === undefined ? {} : { region: entry.region_name }),
    ...(cacert === undefined ? {} : { cacertPath: cacert }),
  };
  return {
    ...login,
    source: origin.source,
    childEnv: childEnv(login),
    secrets: [auth.kind === "password" ? auth.password : auth.kind === "token" ? auth.token : auth.secret],
    warnings: login.insecure ? [...origin.warnings, insecureWarning(authUrl)] : origin.warnings,
  };
}

type Origin = {
  /** For people. */
  source: string;
  /** File, when there is one. */
  where?: string;
  /** How a key of `auth` is called at that place. */
  nameOf: (key: string) => string;
  warnings: Problem[];
};

async function chooseEntry(place: Place): Promise<Origin & { entry: CloudEntry }> {
  const wanted = place.env["OS_CLOUD"];
  if (!wanted && hasCredentials(place.env)) {
    const nameOf = (key: string): string => `OS_${key.toUpperCase()}`;
    return { source: "environment: OS_* variables", nameOf, warnings: [], entry: openrcEntry(place.env) };
  }
  const file = await readClouds(place);
  if (file === undefined) throw noCredentials(wanted);
  const name = wanted || onlyCloud(file);
  if (!Object.hasOwn(file.clouds, name)) throw unknownCloud(file, name);
  const found = await assembleCloud(place, file, name);
  return {
    source: `clouds.yaml: ${name} (${file.path})`,
    where: file.path,
    nameOf: (key) => `clouds.${name}.auth.${key}`,
    warnings: [...twiceWarning(place.env, name), ...(await openFiles(place.files, found.secretPaths))],
    entry: entryOf(found.tree),
  };
}

function onlyCloud(file: CloudsFile): string {
  const names = Object.keys(file.clouds);
  const [first] = names;
  if (first !== undefined && names.length === 1) return first;
  if (names.includes("openstack")) return "openstack";
  if (first === undefined) throw noCredentials(undefined, file.path);
  const message = `clouds.yaml has several clouds and none is chosen: ${names.join(", ")}`;
  throw failure(Exit.usage, "cloud-ambiguous", message, `export OS_CLOUD=${first}`, { where: file.path });
}

function unknownCloud(file: CloudsFile, name: string): HailstackError {
  const names = Object.keys(file.clouds).join(", ") || "none";
  const fix = `export OS_CLOUD to one of its clouds: ${names}`;
  return failure(Exit.usage, "cloud-unknown", `clouds.yaml has no cloud '${name}'`, fix, { where: file.path });
}

function noCredentials(wanted: string | undefined, path?: string): HailstackError {
  const what = wanted ? `OS_CLOUD is '${wanted}', but there is no clouds.yaml` : "no OpenStack credentials found";
  const fix = "source your openrc.sh, or put a clouds.yaml into ~/.config/openstack";
  return failure(Exit.usage, "cloud-credentials-missing", what, fix, path === undefined ? {} : { where: path });
}

function identityUrl(text: string | undefined, origin: Origin): string {
  const name = origin.nameOf("auth_url");
  if (text === undefined) throw incomplete([`${name} is missing`], origin);
  const url = URL.parse(text);
  const isPlain = url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
  if (!isPlain) throw incomplete([`${name} is not an http or https URL without a user in it`], origin);
  return `${url.origin}${url.pathname.replace(/\/+$/, "").replace(/\/v(2\.0|3)$/, "")}/v3`;
}

function interfaceOf(entry: CloudEntry, origin: Origin): CloudCredentials["interface"] {
  const wanted = entry.interface ?? "public";
  if (wanted === "public" || wanted === "internal" || wanted === "admin") return wanted;
  throw incomplete([`interface '${wanted}' is none of public, internal, admin`], origin);
}

function authOf(entry: CloudEntry, origin: Origin): CloudAuth {
  const kind = authKind(entry);
  if (kind === undefined) {
    throw incomplete([`auth_type '${entry.auth_type}' is none of ${authTypes.join(", ")}`], origin);
  }
  const missing = missingAuth(entry, kind);
  if (missing.length > 0)
    throw incomplete(
      missing.map((key) => `${origin.nameOf(key)} is missing`),
      origin,
    );
  const { auth } = entry;
  const get = (key: string): string => auth[key] ?? "";
  switch (kind) {
    case "password":
      return { kind, user: userOf(auth), password: get("password"), project: projectOf(auth) };
    case "token": {
      const scoped = auth["project_id"] !== undefined || auth["project_name"] !== undefined;
      return { kind, token: get("token"), ...(scoped ? { project: projectOf(auth) } : {}) };
    }
    case "application-credential": {
      const id = auth["application_credential_id"];
      const named = { name: get("application_credential_name"), user: userOf(auth) };
      return { kind, credential: id === undefined ? named : { id }, secret: get("application_credential_secret") };
    }
  }
}

type Named = { id: string } | { name: string; domain: { id: string } | { name: string } };

const userOf = (auth: CloudEntry["auth"]): Named => named(auth, "user_id", "username", "user_domain");
const projectOf = (auth: CloudEntry["auth"]): Named => named(auth, "project_id", "project_name", "project_domain");

/** An id says it all. A name needs a domain, and Keystone's first one has the id `default`. */
function named(auth: CloudEntry["auth"], idKey: string, nameKey: string, domainKey: string): Named {
  const id = auth[idKey];
  if (id !== undefined) return { id };
  const domainId = auth[`${domainKey}_id`];
  const domainName = auth[`${domainKey}_name`];
  const byName = domainId === undefined && domainName !== undefined;
  return { name: auth[nameKey] ?? "", domain: byName ? { name: domainName } : { id: domainId ?? "default" } };
}

function incomplete(messages: string[], { where, source }: Origin): HailstackError {
  const fix = where === undefined ? "source your openrc.sh again" : "add it to clouds.yaml or secure.yaml";
  return new HailstackError(
    Exit.usage,
    messages.map((message) => ({ slug: "cloud-credentials-incomplete", message, fix, where: where ?? source })),
  );
}

function absolute(path: string, { home, cwd }: Place): string {
  const full = path.startsWith("~/") && home !== "" ? join(home, path.slice(2)) : path;
  return isAbsolute(full) ? full : join(cwd, full);
}

function twiceWarning(env: Env, name: string): Problem[] {
  if (!env["OS_CLOUD"] || !hasCredentials(env)) return [];
  const message = `OS_CLOUD and OS_* credentials are both set; the cloud '${name}' of clouds.yaml is used`;
  return [{ slug: "cloud-chosen-twice", message, fix: "unset OS_CLOUD to use the OS_* variables instead" }];
}

async function openFiles(files: Files, paths: string[]): Promise<Problem[]> {
  const modes = await Promise.all(paths.map((path) => files.mode(path)));
  const open = paths.filter((_path, index) => ((modes[index] ?? 0) & 0o004) !== 0);
  const message = "every user of this machine can read the credentials in the file";
  return open.map((path) => ({ slug: "credentials-readable", message, where: path, fix: `chmod 600 ${path}` }));
}

function insecureWarning(authUrl: string): Problem {
  const message = `certificates are not checked (verify: false), so anyone on the way to ${new URL(authUrl).host} can read the password`;
  return { slug: "cloud-insecure", message, fix: "set cacert to your site's authority instead" };
}
