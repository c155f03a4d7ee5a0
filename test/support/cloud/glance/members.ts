/** The projects that an image is shared with, each of which says for itself whether it takes it. */
import { type Call, param, projectOf } from "../core/call.ts";
import { isoSeconds } from "../core/clock.ts";
import { type Answer, glanceError, type Refusal } from "../core/errors.ts";
import { type Fields, fieldsOf, textOf } from "../core/json.ts";
import { type Image, type ImageMember, memberStatuses } from "../state.ts";
import { foundImage } from "./view.ts";

export function listMembers(call: Call): Answer {
  const image = sharedImage(call);
  // A member sees of all members only itself.
  const seen = [...image.members.values()].filter(({ projectId }) =>
    [projectId, image.ownerId].includes(projectOf(call)),
  );
  const members = seen.map((member) => memberView(image, member));
  return { status: 200, body: { members, schema: "/v2/schemas/members" } };
}

export function addMember(call: Call): Answer {
  const projectId = textOf(fieldsOf(call.body).member);
  if (projectId === undefined) throw glanceError(400, "Member to be added not specified");
  const image = foundImage(call, notFound);
  if (image.visibility !== "shared" || image.ownerId !== projectOf(call)) throw forbidden("create", image);
  if (image.members.has(projectId)) {
    throw glanceError(409, `Member ${projectId} is duplicated for image ${image.id}`);
  }
  const now = call.core.clock.now();
  const member: ImageMember = { projectId, status: "pending", createdAt: now, updatedAt: now };
  image.members.set(projectId, member);
  return { status: 200, body: memberView(image, member) };
}

export function showMember(call: Call): Answer {
  const image = sharedImage(call);
  return { status: 200, body: memberView(image, foundMember(call, image)) };
}

export function setMemberStatus(call: Call): Answer {
  const given = fieldsOf(call.body).status;
  if (given === undefined) throw glanceError(400, "Status not specified");
  const image = foundImage(call, notFound);
  if (image.visibility !== "shared" || image.ownerId === projectOf(call)) throw forbidden("update", image);
  const member = foundMember(call, image);
  const status = memberStatuses.find((each) => each === given);
  if (status === undefined) {
    throw glanceError(400, 'Incorrect request: Status must be "pending", "accepted" or "rejected".');
  }
  member.status = status;
  member.updatedAt = call.core.clock.now();
  return { status: 200, body: memberView(image, member) };
}

export function removeMember(call: Call): Answer {
  const image = foundImage(call, notFound);
  if (image.visibility !== "shared" || image.ownerId !== projectOf(call)) throw forbidden("delete", image);
  image.members.delete(foundMember(call, image).projectId);
  return { status: 204 };
}

const notFound = (id: string): string => `Image ${id} not found.`;

const forbidden = (what: "create" | "update" | "delete", { id }: Image): Refusal =>
  glanceError(403, `Not allowed to ${what} members for image ${id}.`);

/** @throws Refusal (403) for an image that no project can be a member of */
function sharedImage(call: Call): Image {
  const image = foundImage(call, notFound);
  if (image.visibility === "shared") return image;
  throw glanceError(403, `Not allowed to list members for image ${image.id}: Only shared images have members.`);
}

function foundMember(call: Call, { id, members }: Image): ImageMember {
  const projectId = param(call, "member");
  const member = members.get(projectId);
  if (member === undefined) throw glanceError(404, `${projectId} not found in the member list of the image ${id}.`);
  return member;
}

const memberView = ({ id }: Image, { projectId, status, createdAt, updatedAt }: ImageMember): Fields => ({
  created_at: isoSeconds(createdAt),
  image_id: id,
  member_id: projectId,
  schema: "/v2/schemas/member",
  status,
  updated_at: isoSeconds(updatedAt),
});
