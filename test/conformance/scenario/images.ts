import { callsOf, nobody } from "../step.ts";

const { get, post, put, patch, del } = callsOf("image");
const identity = callsOf("identity");

const domain = { name: "Default" };
const fields = { disk_format: "raw", container_format: "bare" };
const jsonPatch = { contentType: "application/openstack-images-v2.1-json-patch" };
const one = "/v2/images/{own_image_id}";
const member = `${one}/members/{other_project_id}`;
const asOther = { token: "other" };
const replace = (name: string, value: unknown) => ({ op: "replace", path: `/${name}`, value });
const add = (name: string, value: unknown) => ({ op: "add", path: `/${name}`, value });

const login = [
  identity.post(
    "log in to the other project",
    "/v3/auth/tokens",
    {
      auth: {
        identity: { methods: ["password"], password: { user: { name: "{user}", domain, password: "{password}" } } },
        scope: { project: { name: "{other_project}", domain } },
      },
    },
    { token: null, save: { other: "header:x-subject-token", other_project_id: "token.project.id" } },
  ),
];

/** From nothing to an image that boots. */
const making = [
  post(
    "image: create",
    "/v2/images",
    { name: "conf-image", min_disk: 2, min_ram: 512, hailstack_kind: "image", hailstack_bundle: "conf", ...fields },
    { save: { own_image_id: "id" } },
  ),
  post("image: create with a property that is no text", "/v2/images", { name: "conf-bad", hailstack_kind: 1 }),
  post("image: create a public one", "/v2/images", { name: "conf-bad", visibility: "public", ...fields }),
  post("image: create with a visibility that is none", "/v2/images", { name: "conf-bad", visibility: "secret" }),
  get("image: read while it is queued", one),
  put("image: upload", `${one}/file`, undefined, { rawBody: "conformance", contentType: "application/octet-stream" }),
  get("image: read when it is active", one, { until: { path: "status", is: "active" } }),
  put("image: upload again", `${one}/file`, undefined, {
    rawBody: "conformance",
    contentType: "application/octet-stream",
  }),
  get("images: by a property", "/v2/images?hailstack_kind=image&member_status=all"),
  get("images: by owner", "/v2/images?owner={project_id}&limit=1000"),
  get("image: room", "/v2/info/usage"),
];

const changing = [
  patch("image: change name and property", one, [replace("name", "conf-named"), add("hailstack_a", "1")], jsonPatch),
  patch("image: add a property that is there", one, [add("hailstack_a", "2")], jsonPatch),
  patch("image: replace a property that is not there", one, [replace("hailstack_b", "1")], jsonPatch),
  patch("image: remove a property", one, [{ op: "remove", path: "/hailstack_a" }], jsonPatch),
  patch("image: remove a property that is not there", one, [{ op: "remove", path: "/hailstack_a" }], jsonPatch),
  patch("image: change what is read-only", one, [replace("status", "queued")], jsonPatch),
  patch("image: change its owner", one, [replace("owner", "{other_project_id}")], jsonPatch),
  patch("image: make it public", one, [replace("visibility", "public")], jsonPatch),
  patch("image: a patch in plain JSON", one, [replace("name", "conf-plain")]),
  patch("image: change an unknown one", `/v2/images/${nobody}`, [replace("name", "conf-x")], jsonPatch),
];

const sharing = [
  get("image members: of a shared image without any", `${one}/members`),
  patch("image: make it private", one, [replace("visibility", "private")], jsonPatch),
  get("image members: of a private image", `${one}/members`),
  post("image members: add to a private image", `${one}/members`, { member: "{other_project_id}" }),
  get("image: another's private one", one, asOther),
  patch("image: make it shared", one, [replace("visibility", "shared")], jsonPatch),
  get("image: another's shared one without being a member", one, asOther),
  post("image members: add", `${one}/members`, { member: "{other_project_id}" }),
  post("image members: add again", `${one}/members`, { member: "{other_project_id}" }),
  post("image members: add nobody", `${one}/members`, {}),
  post("image members: add to an unknown image", `/v2/images/${nobody}/members`, { member: "{other_project_id}" }),
  get("image members: list", `${one}/members`),
  get("image members: one", member),
  get("image members: one who is none", `${one}/members/11111111111111111111111111111111`),
  put("image members: accept for another", member, { status: "accepted" }),
];

const accepting = [
  get("image: one that is offered", one, asOther),
  get("images: usual ones do not hold what is offered", "/v2/images?hailstack_kind=image", asOther),
  get("images: offered", "/v2/images?visibility=shared&member_status=pending", asOther),
  get("images: the owner sees shared ones of any member status", "/v2/images?visibility=shared&member_status=pending"),
  get("images: a member status that is none", "/v2/images?member_status=perhaps", asOther),
  get("image members: as the member sees them", `${one}/members`, asOther),
  put("image members: a status that is none", member, { status: "perhaps" }, asOther),
  put("image members: no status", member, {}, asOther),
  put("image members: accept", member, { status: "accepted" }, asOther),
  put("image members: accept again", member, { status: "accepted" }, asOther),
  get("images: usual ones hold what is accepted", "/v2/images?hailstack_kind=image", asOther),
  get("images: offered ones without what is accepted", "/v2/images?visibility=shared&member_status=pending", asOther),
  post("image members: add by a member", `${one}/members`, { member: "{project_id}" }, asOther),
  patch("image: change another's", one, [replace("name", "conf-theirs")], { ...jsonPatch, ...asOther }),
  del("image: delete another's", one, asOther),
  del("image members: leave by a member", member, asOther),
];

const community = [
  patch("image: make it everybody's", one, [replace("visibility", "community")], jsonPatch),
  get("image members: of a community image", `${one}/members`),
  get("images: community ones are not among the usual", "/v2/images?hailstack_kind=image&member_status=all", asOther),
  get("images: community ones", "/v2/images?hailstack_kind=image&visibility=community", asOther),
  get("images: own community ones are among the usual", "/v2/images?hailstack_kind=image"),
  get("image: another's community one", one, asOther),
  del("image: delete another's community one", one, asOther),
];

const leaving = [
  patch("image: shared once more", one, [replace("visibility", "shared")], jsonPatch),
  get("image members: those of before", `${one}/members`),
  del("image members: remove", member),
  del("image members: remove again", member),
  patch("image: protect it", one, [replace("protected", true)], jsonPatch),
  del("image: delete a protected one", one),
  patch("image: protect it no more", one, [replace("protected", false)], jsonPatch),
  del("image: delete", one),
  del("image: delete again", one),
  get("image: read a deleted one", one),
];

/** Images of one's own: made, changed, shared with another project and accepted there. */
export const images = [...login, ...making, ...changing, ...sharing, ...accepting, ...community, ...leaving];
