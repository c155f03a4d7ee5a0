/** `POST /v2.1/servers`: all of Nova's checks in its order. */
import { type Call, projectOf, userOf } from "../core/call.ts";
import { type Answer, novaError } from "../core/errors.ts";
import { type Fields, type Json, fieldsOf, numberOf, textFieldsOf, textOf, textsOf } from "../core/json.ts";
import type { Core } from "../core.ts";
import { type Flavour, type Image, type Port, type Server, keypairKey } from "../state.ts";
import { checkedBody } from "./body.ts";
import { foundServerGroup } from "./server-groups.ts";
import { buildServer } from "./server-life.ts";
import { type Plug, plugsOf, portOf, securityGroupsOf } from "./server-plugs.ts";
import { hintsSchema, serverSchema } from "./server-schema.ts";
import { serverLinks } from "./server-view.ts";

export function createServer(call: Call): Answer {
  const more = { "os:scheduler_hints": hintsSchema, "OS-SCH-HNT:scheduler_hints": hintsSchema };
  const fields = checkedBody(call, "server", serverSchema(call.version), { everKnown: ["tags"], more });
  const { flavour, image } = materialOf(call, fields);
  const keyName = textOf(fields.key_name) ?? null;
  if (keyName !== null && !call.core.state.keypairs.has(keypairKey(userOf(call), keyName))) {
    throw novaError(400, "Invalid key_name provided.");
  }
  const plugs = plugsOf(call, fields.networks);
  const groupIds = securityGroupsOf(call, fields.security_groups);
  const groupId = groupOf(call);
  const count = Math.max(numberOf(fields.min_count) ?? 1, numberOf(fields.max_count) ?? 1);
  checkQuotas(call, flavour, count, groupId);
  const first = Array.from({ length: count }, (_, index) =>
    makeServer(call, fields, { flavour, image, keyName, plugs, groupId, groupIds }, count > 1 ? `-${index + 1}` : ""),
  )[0];
  return createdAnswer(call, first?.id ?? "", fields.security_groups ?? [{ name: "default" }]);
}

function createdAnswer(call: Call, id: string, groups: Json): Answer {
  const body: Fields = {
    id,
    links: serverLinks(call, id),
    "OS-DCF:diskConfig": "MANUAL",
    security_groups: groups,
    adminPass: call.core.seed.hex("password", id).slice(0, 12),
  };
  return { status: 202, body: { server: body }, headers: { location: `${call.root("compute")}/v2.1/servers/${id}` } };
}

type Material = { flavour: Flavour; image: Image };

/** @throws Refusal (400) when image or flavour are not there, or do not go together */
function materialOf({ core }: Call, fields: Fields): Material {
  const image = core.state.images.get(textOf(fields.imageRef) ?? "");
  if (image === undefined) throw novaError(400, "Can not find requested image");
  const flavourId = String(fields.flavorRef);
  const flavour = core.state.flavours.get(flavourId);
  if (flavour === undefined) throw novaError(400, `Flavor ${flavourId} could not be found.`);
  if (image.status !== "active") throw novaError(400, `Image ${image.id} is not active.`);
  if (flavour.ramMib < image.minRamMib) {
    throw novaError(400, "Flavor's memory is too small for requested image.");
  }
  const gib = 1024 ** 3;
  const disk = flavour.diskGib * gib;
  if ((image.sizeBytes ?? 0) > disk) {
    throw novaError(
      400,
      `Flavor's disk is too small for requested image. Flavor disk is ${disk} bytes, image is ${image.sizeBytes} bytes.`,
    );
  }
  if (image.minDiskGib > flavour.diskGib) {
    throw novaError(
      400,
      `Flavor's disk is smaller than the minimum size specified in image metadata. Flavor disk is ${disk} bytes, minimum size is ${image.minDiskGib * gib} bytes.`,
    );
  }
  return { flavour, image };
}

function groupOf(call: Call): string | null {
  const body = fieldsOf(call.body);
  const asked = fieldsOf(body["os:scheduler_hints"] ?? body["OS-SCH-HNT:scheduler_hints"]);
  const id = textOf(asked.group);
  return id === undefined ? null : foundServerGroup(call, id, 400).id;
}

/** @throws Refusal (403) naming every quota that is short, in the order of their names */
function checkQuotas(call: Call, flavour: Flavour, count: number, groupId: string | null): void {
  const { quotas, state } = call.core;
  const projectId = projectOf(call);
  const wanted = { cores: flavour.vcpus * count, instances: count, ram: flavour.ramMib * count } as const;
  const names = (["cores", "instances", "ram"] as const).filter((name) =>
    quotas.exceeded(projectId, name, wanted[name]),
  );
  if (names.length > 0) {
    const all = names.join(", ");
    const requested = names.map((name) => wanted[name]).join(", ");
    const used = names.map((name) => quotas.used(projectId, name)).join(", ");
    const limits = names.map((name) => quotas.limit(projectId, name)).join(", ");
    throw novaError(
      403,
      `Quota exceeded for ${all}: Requested ${requested}, but already used ${used} of ${limits} ${all}`,
    );
  }
  const limit = quotas.limit(projectId, "server_group_members");
  const members = groupId === null ? [] : [...state.servers.values()].filter((server) => server.groupId === groupId);
  if (groupId !== null && limit >= 0 && members.length + count > limit) {
    throw novaError(403, "Quota exceeded, too many servers in group");
  }
}

type Parts = Material & { keyName: string | null; plugs: Plug[]; groupId: string | null; groupIds: string[] };

function makeServer(call: Call, fields: Fields, parts: Parts, suffix: string): Server {
  const { core } = call;
  const server = addServer(core, {
    name: `${textOf(fields.name) ?? ""}${suffix}`,
    flavour: parts.flavour,
    image: parts.image,
    projectId: projectOf(call),
    userId: userOf(call),
  });
  server.keyName = parts.keyName;
  server.metadata = textFieldsOf(fields.metadata);
  server.tags = textsOf(fields.tags).sort();
  server.userData = textOf(fields.user_data) ?? null;
  server.groupId = parts.groupId;
  server.configDrive = ["true", "1"].includes(String(fields.config_drive).toLowerCase());
  buildServer(core, server, (): Port[] => parts.plugs.map((plug) => portOf(call, server, plug, parts.groupIds)));
  return server;
}

type Given = Material & Pick<Server, "name" | "projectId" | "userId">;

/** A server that Nova has just heard of. */
export function addServer(core: Core, { image, ...given }: Given): Server {
  const now = core.clock.now();
  const server: Server = {
    id: core.seed.uuid("server", given.name),
    ...given,
    imageId: image.id,
    vmState: "building",
    taskState: "scheduling",
    keyName: null,
    metadata: {},
    tags: [],
    userData: null,
    portIds: [],
    groupId: null,
    configDrive: false,
    createdAt: now,
    updatedAt: now,
    launchedAt: null,
  };
  core.state.servers.set(server.id, server);
  return server;
}
