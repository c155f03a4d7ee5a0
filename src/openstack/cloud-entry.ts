/** A cloud of clouds.yaml with its many spellings made one. */
import type { CloudEntry } from "../config/openrc.ts";
import { isTree, leaf, type Tree } from "./yaml.ts";

/** Every key of `auth` that says the same as another, under the name used here. */
const spellings: Readonly<Record<string, readonly string[]>> = {
  auth_url: ["auth_url"],
  username: ["username", "user_name"],
  user_id: ["user_id"],
  password: ["password"],
  token: ["token", "auth_token"],
  project_id: ["project_id", "tenant_id"],
  project_name: ["project_name", "tenant_name"],
  application_credential_id: ["application_credential_id"],
  application_credential_name: ["application_credential_name"],
  application_credential_secret: ["application_credential_secret"],
};

/** The entry `tree` stands for. Settings hailstack has no use for are left out. */
export function entryOf(tree: Tree): CloudEntry {
  const auth = isTree(tree["auth"]) ? tree["auth"] : {};
  const values: Record<string, string | undefined> = {
    ...domain(tree, auth, "user"),
    ...domain(tree, auth, "project"),
  };
  for (const [key, names] of Object.entries(spellings)) {
    values[key] = names.map((name) => leaf(auth, name) ?? leaf(tree, name)).find((value) => value !== undefined);
  }
  return {
    auth: present(values),
    ...present({
      auth_type: leaf(tree, "auth_type"),
      region_name: leaf(tree, "region_name"),
      interface: interfaceOf(tree),
      cacert: leaf(tree, "cacert"),
    }),
    ...(isFalse(leaf(tree, "verify")) || isTrue(leaf(tree, "insecure")) ? { verify: false } : {}),
  };
}

/** Its own keys, else `domain_*`, which stand for both, else `default_domain`. */
function domain(tree: Tree, auth: Tree, whose: "user" | "project"): Record<string, string | undefined> {
  for (const prefix of [`${whose}_domain`, "domain"]) {
    const id = leaf(auth, `${prefix}_id`) ?? leaf(tree, `${prefix}_id`);
    const name = leaf(auth, `${prefix}_name`) ?? leaf(tree, `${prefix}_name`);
    if (id !== undefined || name !== undefined) return { [`${whose}_domain_id`]: id, [`${whose}_domain_name`]: name };
  }
  return { [`${whose}_domain_id`]: leaf(auth, "default_domain") ?? leaf(tree, "default_domain") };
}

/** `publicURL` is an old word for `public`; of a list the first is tried by everyone. */
function interfaceOf(tree: Tree): string | undefined {
  const value = Array.isArray(tree["interface"]) ? tree["interface"][0] : leaf(tree, "interface");
  const text: unknown = value ?? leaf(tree, "endpoint_type");
  return typeof text === "string" ? text.replace(/URL$/, "") : undefined;
}

const isFalse = (text: string | undefined): boolean => /^(false|no|off|0)$/i.test(text ?? "");
const isTrue = (text: string | undefined): boolean => /^(true|yes|on|1)$/i.test(text ?? "");

function present(from: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(from).filter((pair): pair is [string, string] => pair[1] !== undefined));
}
