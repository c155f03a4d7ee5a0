/** Nova: https://docs.openstack.org/api-ref/compute/ */
import * as z from "zod";
import type { Cloud, Flavour, Keypair, Server, ServerGroup } from "../world.ts";
import { list, listByOffset } from "./paging.ts";
import type { Session } from "./session.ts";
import { until } from "./until.ts";

const NovaFlavour = z
  .object({ id: z.string(), name: z.string(), vcpus: z.int(), ram: z.int(), disk: z.int() })
  .transform((flavour): Flavour => {
    const { id, name, vcpus, ram, disk } = flavour;
    return { id, name, vcpus, ramMib: ram, diskGib: disk };
  });

const NovaServer = z
  .object({
    id: z.string(),
    name: z.string(),
    status: z.string(),
    fault: z.object({ message: z.string() }).optional(),
    metadata: z.record(z.string(), z.string()),
    flavor: z.object({ original_name: z.string(), vcpus: z.int(), ram: z.int() }),
    /** An empty text for a server that boots from a volume. */
    image: z.union([z.object({ id: z.string() }), z.literal("")]).nullish(),
    addresses: z.record(z.string(), z.array(z.object({ addr: z.string() }))),
    "os-extended-volumes:volumes_attached": z.array(z.object({ id: z.string() })).default([]),
    created: z.string(),
  })
  .transform((server): Server => {
    const { id, name, status, metadata, image, fault } = server;
    return {
      id,
      name,
      status,
      ...(fault === undefined ? {} : { fault: fault.message }),
      metadata,
      flavour: server.flavor.original_name,
      vcpus: server.flavor.vcpus,
      ramMib: server.flavor.ram,
      ...(image ? { imageId: image.id } : {}),
      addresses: Object.values(server.addresses).flatMap((network) => network.map(({ addr }) => addr)),
      volumeIds: server["os-extended-volumes:volumes_attached"].map((volume) => volume.id),
      createdAt: server.created,
    };
  });

const NovaKeypair = z
  .object({ keypair: z.object({ name: z.string(), public_key: z.string(), fingerprint: z.string() }) })
  .transform(({ keypair }): Keypair => {
    const { name, public_key, fingerprint } = keypair;
    return { name, publicKey: public_key, fingerprint };
  });

const NovaServerGroup = z
  .object({ id: z.string(), name: z.string() })
  .transform(({ id, name }): ServerGroup => ({ id, name }));

const Console = z.object({ output: z.string() });
const Status = z.object({ server: z.object({ status: z.string() }) });

type Compute = Pick<
  Cloud,
  "flavours" | "keypairs" | "createKeypair" | "servers" | "serverGroups" | "consoleLog" | "stopServer"
>;

/** What `Cloud` says about servers and their like. */
export function openCompute(session: Session): Compute {
  return {
    // Public ones and those shared with the project: what one may boot.
    flavours: () => list(session, call("/flavors/detail", "list flavours"), "flavors", NovaFlavour),
    keypairs: () => list(session, call("/os-keypairs", "list key pairs"), "keypairs", NovaKeypair),
    async createKeypair(name, publicKey) {
      const body = { keypair: { name, public_key: publicKey } };
      return session.get({ ...call("/os-keypairs", "create a key pair"), method: "POST", body }, NovaKeypair);
    },
    serverGroups: () =>
      listByOffset(session, call("/os-server-groups", "list server groups"), "server_groups", NovaServerGroup),
    servers: (prefix) => listServers(session, prefix),
    consoleLog: (serverId, lines) => consoleLog(session, serverId, lines),
    stopServer: (serverId, timeoutMs) => stopServer(session, serverId, timeoutMs),
  };
}

const call = (path: string, what: string): { service: "compute"; path: string; what: string } => ({
  service: "compute",
  path,
  what,
});

async function listServers(session: Session, prefix = ""): Promise<Server[]> {
  // Nova matches names by regular expression, in the database's own dialect.
  const pattern = prefix.replace(/[^\w-]/g, String.raw`\$&`);
  const query = prefix === "" ? "" : `?${new URLSearchParams({ name: `^${pattern}` })}`;
  const servers = await list(session, call(`/servers/detail${query}`, "list servers"), "servers", NovaServer);
  return servers.filter(({ name }) => name.startsWith(prefix));
}

async function consoleLog(session: Session, serverId: string, lines: number): Promise<string | undefined> {
  const answer = await session.ask({
    ...call(actionPath(serverId), "read a server's console"),
    method: "POST",
    body: { "os-getConsoleOutput": { length: lines } },
    accept: [400, 403, 404, 405, 409, 501],
    repeatable: true,
  });
  return Console.safeParse(answer.json).data?.output;
}

async function stopServer(session: Session, serverId: string, timeoutMs: number): Promise<boolean> {
  await session.ask({
    ...call(actionPath(serverId), "stop a server"),
    method: "POST",
    body: { "os-stop": null },
    // Gone, or in a state it cannot be stopped in: what it is then decides.
    accept: [404, 409],
    // A server that stops already answers 409.
    repeatable: true,
  });
  const off = await until(session.wire, timeoutMs, async () => {
    const found = await session.find(call(serverPath(serverId), "look at a server"), Status);
    return found === undefined || ["SHUTOFF", "DELETED", "SOFT_DELETED"].includes(found.server.status);
  });
  return off;
}

const serverPath = (id: string): string => `/servers/${encodeURIComponent(id)}`;
const actionPath = (id: string): string => `${serverPath(id)}/action`;
