/** One login as variables, for the programs hailstack starts. */
import type { CloudAuth, CloudCredentials, CloudIdentity, Env } from "../world.ts";

type Login = Pick<CloudCredentials, "authUrl" | "interface" | "auth" | "insecure"> & {
  region?: string | undefined;
  cacertPath?: string | undefined;
};

/** Whom a login turned out to be: what only the cloud can tell. */
export type KnownUser = Pick<CloudIdentity, "user" | "projectId" | "region"> & { userDomainId: string };

/**
 * The `OS_*` variables that say `login` to gophercloud, and so to the Pulumi provider and Packer.
 * With `known` they also suit logins that gophercloud's Terraform provider cannot make by itself: it refuses a user id
 * beside the default domain it always adds, and a token without a project.
 */
export function childEnv(login: Login, known?: KnownUser): Env {
  return defined({
    OS_AUTH_URL: login.authUrl,
    OS_IDENTITY_API_VERSION: "3",
    OS_REGION_NAME: known?.region ?? login.region,
    // The first is gophercloud's word, the second the openstack program's.
    OS_ENDPOINT_TYPE: login.interface,
    OS_INTERFACE: login.interface,
    OS_CACERT: login.cacertPath,
    OS_INSECURE: login.insecure ? "true" : undefined,
    ...authEnv(login.auth, known),
  });
}

function authEnv(auth: CloudAuth, known: KnownUser | undefined): Env {
  switch (auth.kind) {
    case "password":
      return {
        OS_AUTH_TYPE: "v3password",
        ...userEnv(auth.user, known),
        OS_PASSWORD: auth.password,
        ...projectEnv(auth.project),
      };
    case "application-credential":
      return {
        OS_AUTH_TYPE: "v3applicationcredential",
        ...("id" in auth.credential
          ? { OS_APPLICATION_CREDENTIAL_ID: auth.credential.id }
          : { OS_APPLICATION_CREDENTIAL_NAME: auth.credential.name, ...userEnv(auth.credential.user, known) }),
        OS_APPLICATION_CREDENTIAL_SECRET: auth.secret,
      };
    case "token":
      return {
        OS_AUTH_TYPE: "v3token",
        OS_TOKEN: auth.token,
        ...projectEnv(auth.project ?? (known && { id: known.projectId })),
      };
  }
}

type Named = { id: string } | { name: string; domain?: { id: string } | { name: string } };

function userEnv(user: Named, known: KnownUser | undefined): Env {
  if (!("id" in user)) return { OS_USERNAME: user.name, ...domainEnv("OS_USER_DOMAIN", user.domain) };
  if (known === undefined) return { OS_USER_ID: user.id };
  return { OS_USERNAME: known.user, OS_USER_DOMAIN_ID: known.userDomainId };
}

function projectEnv(project: Named | undefined): Env {
  if (project === undefined) return {};
  if ("id" in project) return { OS_PROJECT_ID: project.id };
  return { OS_PROJECT_NAME: project.name, ...domainEnv("OS_PROJECT_DOMAIN", project.domain) };
}

function domainEnv(prefix: string, domain: { id: string } | { name: string } = { id: "default" }): Env {
  return "id" in domain ? { [`${prefix}_ID`]: domain.id } : { [`${prefix}_NAME`]: domain.name };
}

function defined(env: Env): Env {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
}
