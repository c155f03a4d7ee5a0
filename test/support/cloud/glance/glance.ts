/** Glance, the image service: https://docs.openstack.org/api-ref/image/v2/ */
import type { Call } from "../core/call.ts";
import type { Answer } from "../core/errors.ts";
import { type Route, routesOf } from "../core/router.ts";
import { changeImage } from "./change.ts";
import { createImage, deleteImage, showImage, uploadImage } from "./images.ts";
import { listImages } from "./list.ts";
import { addMember, listMembers, removeMember, setMemberStatus, showMember } from "./members.ts";
import { showUsage } from "./usage.ts";

const on = routesOf("image");

export const glance: readonly Route[] = [
  on("GET /", "versions", listVersions, { open: true }),
  on("GET /v2/images", "images.list", listImages, { query: "*" }),
  on("POST /v2/images", "images.create", createImage),
  on("GET /v2/images/{id}", "images.show", showImage),
  on("PATCH /v2/images/{id}", "images.update", changeImage),
  on("DELETE /v2/images/{id}", "images.delete", deleteImage),
  on("PUT /v2/images/{id}/file", "images.upload", uploadImage),
  on("GET /v2/images/{id}/members", "members.list", listMembers),
  on("POST /v2/images/{id}/members", "members.create", addMember),
  on("GET /v2/images/{id}/members/{member}", "members.show", showMember),
  on("PUT /v2/images/{id}/members/{member}", "members.update", setMemberStatus),
  on("DELETE /v2/images/{id}/members/{member}", "members.delete", removeMember),
  on("GET /v2/info/usage", "usage", showUsage),
];

function listVersions(call: Call): Answer {
  const links = [{ rel: "self", href: `${call.root("image")}/v2/` }];
  const minors = [15, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0];
  const versions = minors.map((minor) => ({
    id: `v2.${minor}`,
    status: minor === 15 ? "CURRENT" : "SUPPORTED",
    links,
  }));
  return { status: 300, body: { versions } };
}
