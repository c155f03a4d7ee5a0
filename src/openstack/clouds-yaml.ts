/**
 * clouds.yaml, secure.yaml and clouds-public.yaml by the rules of OpenStack's Python SDK:
 * https://docs.openstack.org/openstacksdk/latest/user/config/configuration.html
 */
import { join } from "node:path";
import { Exit, failure } from "../errors.ts";
import type { Env, Files } from "../world.ts";
import { branch, isTree, leaf, mergeTrees, parseTree, type Tree } from "./yaml.ts";

/** Where to look: this process's environment, home and working directory. */
export type Place = { files: Files; env: Env; home: string; cwd: string };

export type CloudsFile = {
  path: string;
  clouds: Tree;
};

/** One cloud, with everything that other files and its region say about it. */
export type FoundCloud = {
  name: string;
  path: string;
  /** Every file whose entry holds a secret. */
  secretPaths: string[];
  tree: Tree;
};

/** The clouds.yaml that counts: the first there is. @throws HailstackError (2) */
export async function readClouds(place: Place): Promise<CloudsFile | undefined> {
  return readFirst(place, "clouds", "clouds", "OS_CLIENT_CONFIG_FILE");
}

/** The entry `name` of `file`, over its profile and under its secrets. @throws HailstackError (2) */
export async function assembleCloud(place: Place, file: CloudsFile, name: string): Promise<FoundCloud> {
  const own = branch(file.clouds, name, file.path);
  const secure = await readFirst(place, "secure", "clouds", "OS_CLIENT_SECURE_FILE");
  const secret = secure === undefined ? {} : branch(secure.clouds, name, secure.path);
  const profile = await readProfile(place, file.path, leaf(own, "profile") ?? leaf(own, "cloud"));
  const tree = inRegion(mergeTrees(mergeTrees(profile, own), secret), place.env["OS_REGION_NAME"], name, file.path);
  const secretPaths = holdsSecret(own) ? [file.path] : [];
  if (secure !== undefined && holdsSecret(secret)) secretPaths.push(secure.path);
  return { name, path: file.path, secretPaths, tree };
}

async function readProfile(place: Place, path: string, profile: string | undefined): Promise<Tree> {
  if (profile === undefined) return {};
  const file = await readFirst(place, "clouds-public", "public-clouds", undefined);
  if (file !== undefined && Object.hasOwn(file.clouds, profile)) return branch(file.clouds, profile, file.path);
  const message = `profile '${profile}' is in no clouds-public.yaml`;
  const fix = "write the profile's auth_url and other settings into the cloud itself";
  throw failure(Exit.usage, "cloud-profile-missing", message, fix, { where: path });
}

async function readFirst(
  place: Place,
  name: string,
  key: string,
  variable: string | undefined,
): Promise<CloudsFile | undefined> {
  const named = variable === undefined ? undefined : place.env[variable];
  for (const path of named ? [named] : candidates(place, name)) {
    const text = await place.files.readTextIfThere(path);
    if (text !== undefined) return { path, clouds: branch(await parseTree(text, path), key, path) };
  }
  if (!named) return undefined;
  const fix = `correct ${variable}, or unset it`;
  throw failure(Exit.usage, "clouds-yaml-missing", `${variable} names a file that does not exist`, fix, {
    where: named,
  });
}

function candidates({ env, home, cwd }: Place, name: string): string[] {
  const config = env["XDG_CONFIG_HOME"];
  const folders = [cwd];
  if (config) folders.push(join(config, "openstack"));
  if (home !== "") folders.push(join(home, ".config", "openstack"));
  folders.push("/etc/openstack");
  return folders.flatMap((folder) => ["yaml", "yml", "json"].map((ending) => join(folder, `${name}.${ending}`)));
}

/** `regions` lists names, or names with values of their own; without a wish the first is taken. */
function inRegion(tree: Tree, wish: string | undefined, name: string, path: string): Tree {
  const regions = Array.isArray(tree["regions"]) ? tree["regions"].map(regionOf) : [];
  const region = wish || leaf(tree, "region_name") || regions[0]?.name;
  if (region === undefined) return tree;
  const chosen = regions.find((each) => each.name === region);
  if (chosen === undefined && regions.length > 0) {
    const offered = regions.map((each) => each.name).join(", ");
    const fix = `set OS_REGION_NAME to one of ${offered}`;
    throw failure(Exit.usage, "cloud-region-unknown", `cloud '${name}' has no region '${region}'`, fix, {
      where: path,
    });
  }
  return { ...mergeTrees(tree, chosen?.values ?? {}), region_name: region };
}

function regionOf(value: unknown): { name: string; values: Tree } {
  if (!isTree(value)) return { name: String(value), values: {} };
  return { name: leaf(value, "name") ?? "", values: isTree(value["values"]) ? value["values"] : {} };
}

function holdsSecret(entry: Tree): boolean {
  const auth = isTree(entry["auth"]) ? entry["auth"] : {};
  return ["password", "token", "application_credential_secret"].some((key) => leaf(auth, key) !== undefined);
}
