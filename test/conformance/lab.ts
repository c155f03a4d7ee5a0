/** The real OpenStack as a target, with a project of its own for the time of the run. */
import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { z } from "zod";
import { scenarioQuotas, scenarioVariables, type Target } from "./target.ts";

const Admin = z.object({
  clouds: z.object({
    "lab-admin": z.object({ auth: z.object({ auth_url: z.url(), username: z.string(), password: z.string() }) }),
  }),
});
const Catalogue = z.object({
  token: z.object({
    catalog: z.array(
      z.object({ type: z.string(), endpoints: z.array(z.object({ interface: z.string(), url: z.url() })) }),
    ),
    roles: z.array(z.object({ id: z.string(), name: z.string() })),
  }),
});
const Made = z.record(z.string(), z.object({ id: z.string() }));
const Roles = z.object({ roles: z.array(z.object({ id: z.string(), name: z.string() })) });

/**
 * Makes a project and a user with the scenario's quotas.
 * `envFile` is the lab's list of exports; its `LAB_CLOUDS_YAML` names the file with the administrator's login.
 */
export async function openLab(envFile: string): Promise<Target> {
  const { user, password, project, other_project } = scenarioVariables;
  const wanted = { project, otherProject: other_project, user, password, quotas: scenarioQuotas };
  const { roots, close } = await openLabProject(envFile, wanted);
  return { roots, variables: scenarioVariables, pollMs: 500, close };
}

export type LabProject = {
  authUrl: string;
  roots: Admin["roots"];
  /** Removes its volumes, the user and the projects; everything else in them must be gone. */
  close(): Promise<void>;
};
type Limits = Readonly<Record<string, number>>;

/** A new project with one member, and quotas in the words of each service. */
export async function openLabProject(
  envFile: string,
  wanted: {
    project: string;
    /** A second one that the user may enter too, with the cloud's usual quotas. */
    otherProject?: string;
    user: string;
    password: string;
    quotas: { compute: Limits; network: Limits; volume: Limits };
  },
): Promise<LabProject> {
  const yamlPath = /LAB_CLOUDS_YAML=(\S+)/.exec(await readFile(envFile, "utf8"))?.[1];
  if (yamlPath === undefined) throw new Error(`${envFile} has no LAB_CLOUDS_YAML`);
  const { auth } = Admin.parse(parse(await readFile(yamlPath, "utf8"))).clouds["lab-admin"];
  const admin = await logIn(auth);
  const domain_id = "default";
  const { id: projectId } = await admin.make("project", "/v3/projects", { name: wanted.project, domain_id });
  const { id: userId } = await admin.make("user", "/v3/users", {
    name: wanted.user,
    password: wanted.password,
    domain_id,
  });
  const { roles } = Roles.parse(await admin.call("GET", admin.roots.identity + "/v3/roles"));
  const member = roles.find(({ name }) => name === "member")?.id ?? "";
  const enter = (id: string) =>
    admin.call("PUT", `${admin.roots.identity}/v3/projects/${id}/users/${userId}/roles/${member}`);
  await enter(projectId);
  const { otherProject: name } = wanted;
  const other = name === undefined ? undefined : await admin.make("project", "/v3/projects", { name, domain_id });
  if (other !== undefined) await enter(other.id);
  const { compute, network, volume } = admin.roots;
  const { quotas } = wanted;
  await admin.call("PUT", `${compute}/v2.1/os-quota-sets/${projectId}`, { quota_set: quotas.compute });
  await admin.call("PUT", `${network}/v2.0/quotas/${projectId}`, { quota: quotas.network });
  await admin.call("PUT", `${volume}/v3/${admin.projectId}/os-quota-sets/${projectId}`, { quota_set: quotas.volume });
  return {
    authUrl: auth.auth_url,
    roots: admin.roots,
    async close() {
      await removeVolumes(admin, projectId);
      await admin.call("DELETE", `${admin.roots.identity}/v3/users/${userId}`);
      for (const { id } of [{ id: projectId }, ...(other === undefined ? [] : [other])]) {
        await admin.call("DELETE", `${admin.roots.identity}/v3/projects/${id}`);
      }
    },
  };
}

type Admin = Awaited<ReturnType<typeof logIn>>;

/** Of the default domain; calls carry the token. */
export async function logIn(auth: { auth_url: string; username: string; password: string }, project = "admin") {
  const domain = { id: "default" };
  const response = await fetch(`${auth.auth_url}/auth/tokens`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      auth: {
        identity: {
          methods: ["password"],
          password: { user: { name: auth.username, domain, password: auth.password } },
        },
        scope: { project: { name: project, domain } },
      },
    }),
  });
  const token = response.headers.get("x-subject-token") ?? "";
  const { catalog } = Catalogue.parse(await response.json()).token;
  const urlOf = (type: string) =>
    catalog.find((service) => service.type === type)?.endpoints.find((end) => end.interface === "public")?.url ?? "";
  const volumeUrl = urlOf("volumev3");

  async function call(
    method: string,
    url: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<unknown> {
    const answer = await fetch(url, {
      method,
      headers: { "x-auth-token": token, "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }
  const roots = {
    identity: urlOf("identity").replace(/\/v3\/?$/, ""),
    compute: urlOf("compute").replace(/\/v2\.1\/?$/, ""),
    network: urlOf("network"),
    image: urlOf("image"),
    volume: volumeUrl.replace(/\/v3\/.*$/, ""),
  };
  return {
    token,
    roots,
    projectId: volumeUrl.split("/").at(-1) ?? "",
    call,
    async make(kind: string, path: string, body: object): Promise<{ id: string }> {
      const made = Made.parse(await call("POST", roots.identity + path, { [kind]: body }))[kind];
      if (made === undefined) throw new Error(`no ${kind} in the answer`);
      return made;
    },
  };
}

const Volumes = z.object({
  volumes: z.array(z.object({ id: z.string(), "os-vol-tenant-attr:tenant_id": z.string().optional() })),
});

/** Where Nova sends Cinder no service token, Cinder lets go of no volume: such a one is removed by force. */
async function removeVolumes(admin: Admin, projectId: string): Promise<void> {
  const base = `${admin.roots.volume}/v3/${admin.projectId}/volumes`;
  const { volumes } = Volumes.parse(await admin.call("GET", `${base}/detail?all_tenants=1&project_id=${projectId}`));
  for (const { id } of volumes) {
    await admin.call("POST", `${base}/${id}/action`, {
      "os-reset_status": { status: "available", attach_status: "detached" },
    });
    await admin.call("DELETE", `${base}/${id}`);
  }
}
