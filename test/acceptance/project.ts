/** A project of the run's own in the lab, so that what others do there is not mistaken for hailstack's doing. */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { takeInventory, type Inventory, type Kind } from "./inventory.ts";
import type { Lab, Login } from "./lab.ts";
import { logIn, type Rest, type Service } from "./rest.ts";

export type Project = {
  login: Login;
  rest: Rest;
  inventory(): Promise<Inventory>;
  /** Id of an available volume of 1 GiB. */
  makeVolume(): Promise<string>;
  /** A floating IP of pool `public` that nothing uses. */
  makeFloatingIp(): Promise<string>;
  makeApplicationCredential(): Promise<{ id: string; secret: string }>;
  /** Removes everything in it but images. */
  clear(): Promise<void>;
  /** Removes it with all there is in it. */
  close(): Promise<void>;
};

const WithId = z.object({ id: z.string() });
const Named = z.array(z.object({ id: z.string(), name: z.string() }));

export async function openProject(lab: Lab, name: string): Promise<Project> {
  const admin = await logIn(lab.admin);
  const domain_id = "default";
  const identity = async (kind: "project" | "user", body: object): Promise<string> => {
    const more = { method: "POST", body: { [kind]: { name, domain_id, ...body } } } as const;
    const made = (await admin.ask(z.record(z.string(), WithId), "identity", `/${kind}s`, more))[kind];
    if (!made) throw new Error(`Keystone made no ${kind}`);
    return made.id;
  };
  const password = crypto.randomUUID();
  const projectId = await identity("project", {});
  const userId = await identity("user", { password });
  const { roles } = await admin.ask(z.object({ roles: Named }), "identity", `/roles`);
  const member = roles.find((role) => role.name === "member")?.id ?? "";
  const grant = `/projects/${projectId}/users/${userId}/roles/${member}`;
  await admin.send("identity", grant, { method: "PUT" });
  const login = { url: lab.admin.url, user: name, password, project: name };
  const rest = await logIn(login);
  return {
    login,
    rest,
    inventory: () => takeInventory(rest),
    makeVolume: () => makeVolume(rest, name),
    makeFloatingIp: () => makeFloatingIp(rest),
    makeApplicationCredential: () => makeApplicationCredential(rest, name),
    clear: () => clear(rest),
    async close() {
      await clear(rest);
      await removeImages(rest);
      await admin.send("identity", `/users/${userId}`, { method: "DELETE" });
      // Neutron makes every project a default group, which only the project's end, or an administrator, removes.
      for (const id of await groupsOf(admin, projectId)) {
        await admin.send("network", `/v2.0/security-groups/${id}`, { method: "DELETE" });
      }
      await admin.send("identity", `/projects/${projectId}`, { method: "DELETE" });
    },
  };
}

const Volume = z.object({ volume: z.object({ id: z.string(), status: z.string() }) });

async function makeVolume(rest: Rest, name: string): Promise<string> {
  const more = { method: "POST", body: { volume: { name: `${name}-given`, size: 1 } } } as const;
  const { id } = (await rest.ask(Volume, "volumev3", "/volumes", more)).volume;
  await until(async () => (await rest.ask(Volume, "volumev3", `/volumes/${id}`)).volume.status === "available");
  return id;
}

async function makeFloatingIp(rest: Rest): Promise<string> {
  const { networks } = await rest.ask(z.object({ networks: Named }), "network", "/v2.0/networks?name=public");
  const Made = z.object({ floatingip: z.object({ floating_ip_address: z.string() }) });
  const body = { floatingip: { floating_network_id: networks[0]?.id } };
  const made = await rest.ask(Made, "network", "/v2.0/floatingips", { method: "POST", body });
  return made.floatingip.floating_ip_address;
}

async function makeApplicationCredential(rest: Rest, name: string): Promise<{ id: string; secret: string }> {
  const Made = z.object({ application_credential: z.object({ id: z.string(), secret: z.string() }) });
  const path = `/users/${rest.userId}/application_credentials`;
  const body = { application_credential: { name } };
  return (await rest.ask(Made, "identity", path, { method: "POST", body })).application_credential;
}

/** In the order in which things can go; rules go with their group. */
const deletions: readonly { kind: Kind; service: Service; path: string }[] = [
  { kind: "servers", service: "compute", path: "/servers/" },
  { kind: "floating IPs", service: "network", path: "/v2.0/floatingips/" },
  { kind: "volumes", service: "volumev3", path: "/volumes/" },
  { kind: "ports", service: "network", path: "/v2.0/ports/" },
  { kind: "security groups", service: "network", path: "/v2.0/security-groups/" },
  { kind: "keypairs", service: "compute", path: "/os-keypairs/" },
  { kind: "server groups", service: "compute", path: "/os-server-groups/" },
];

async function clear(rest: Rest): Promise<void> {
  for (const { kind, service, path } of deletions) {
    const ids = async () => {
      const things = [...(await takeInventory(rest))[kind].values()];
      return things.filter(({ name }) => !(kind === "security groups" && name === "default")).map(({ id }) => id);
    };
    for (const id of await ids()) await rest.send(service, path + encodeURIComponent(id), { method: "DELETE" });
    await until(async () => (await ids()).length === 0);
  }
}

async function groupsOf(admin: Rest, projectId: string): Promise<string[]> {
  const path = `/v2.0/security-groups?project_id=${projectId}`;
  const { security_groups } = await admin.ask(z.object({ security_groups: Named }), "network", path);
  return security_groups.map(({ id }) => id);
}

async function removeImages(rest: Rest): Promise<void> {
  const path = `/v2/images?owner=${rest.projectId}&visibility=private`;
  const { images } = await rest.ask(z.object({ images: Named }), "image", path);
  for (const { id } of images) await rest.send("image", `/v2/images/${id}`, { method: "DELETE" });
}

/** @throws Error after two minutes */
async function until(done: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < 240; waited += 1) {
    if (await done()) return;
    await sleep(500);
  }
  throw new Error("the lab did not come to it within two minutes");
}
