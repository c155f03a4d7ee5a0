/** What preflight and status read: discovery, images, flavours, networks, room. */
import { callsOf, nobody } from "../step.ts";

const compute = callsOf("compute");
const network = callsOf("network");
const image = callsOf("image");
const volume = callsOf("volume");

const versions = [
  compute.get("compute: versions", "/", { token: null }),
  compute.get("compute: version 2.1", "/v2.1/"),
  compute.get("compute: version 2.1 without a slash", "/v2.1"),
  network.get("network: versions", "/", { token: null }),
  network.get("network: version 2.0", "/v2.0/"),
  image.get("image: versions", "/", { token: null }),
  volume.get("volume: versions", "/", { token: null }),
  volume.get("volume: version 3", "/v3/"),
];

const tokens = [
  compute.get("compute: no token", "/v2.1/servers", { token: null }),
  compute.get("compute: a made-up token", "/v2.1/servers", { token: "made_up" }),
  network.get("network: no token", "/v2.0/ports", { token: null }),
  image.get("image: no token", "/v2/images", { token: null }),
  volume.get("volume: no token", "/v3/{project_id}/volumes", { token: null }),
  compute.get("compute: a token without a project", "/v2.1/servers", { token: "unscoped" }),
  volume.get("volume: another project in the path", "/v3/11111111111111111111111111111111/volumes"),
];

const unknown = [
  compute.get("compute: unknown path", "/v2.1/telepathy"),
  network.get("network: unknown path", "/v2.0/telepathy"),
  image.get("image: unknown path", "/v2/telepathy"),
  volume.get("volume: unknown path", "/v3/{project_id}/telepathy"),
  compute.del("compute: method not there", "/v2.1/servers"),
  network.del("network: method not there", "/v2.0/ports"),
  image.del("image: method not there", "/v2/images"),
  volume.del("volume: method not there", "/v3/{project_id}/volumes"),
  compute.get("compute: a microversion too new", "/v2.1/servers", { version: "2.999" }),
  compute.get("compute: a microversion that is none", "/v2.1/servers", { version: "two" }),
];

const images = [
  image.get("images: by name", "/v2/images?name={image}&status=active&sort=created_at:desc", {
    save: { image_id: "images[name={image}].id" },
  }),
  image.get("images: by a name nothing has", "/v2/images?name=conf-nothing"),
  image.get("images: one to a page", "/v2/images?name={image}&limit=1"),
  image.get("images: a page size that is none", "/v2/images?limit=many"),
  image.get("images: one", "/v2/images/{image_id}"),
  image.get("images: unknown id", `/v2/images/${nobody}`),
];

const flavours = [
  compute.get("flavours", "/v2.1/flavors/detail?is_public=None", {
    save: { tiny_id: "flavors[name=m2.tiny].id", large_id: "flavors[name=m2.large].id" },
  }),
  compute.get("flavours: names only", "/v2.1/flavors"),
  compute.get("flavours with extra specs", "/v2.1/flavors/detail", { version: "2.61" }),
  compute.get("flavours: one to a page", "/v2.1/flavors/detail?limit=1", { itemsOfOthers: true }),
  compute.get("flavours: a page size that is none", "/v2.1/flavors/detail?limit=many"),
  compute.get("flavours: after an unknown one", `/v2.1/flavors/detail?marker=${nobody}`),
  compute.get("flavours: one", "/v2.1/flavors/{tiny_id}"),
  compute.get("flavours: unknown id", `/v2.1/flavors/${nobody}`),
];

const networks = [
  network.get("networks", "/v2.0/networks", {
    save: {
      public_id: "networks[name=public].id",
      private_id: "networks[name=cloudforms_network].id",
      lustre_id: "networks[name=lustre_network].id",
      subnet_id: "networks[name=cloudforms_network].subnets[0]",
    },
  }),
  network.get("networks: external ones", "/v2.0/networks?router:external=true"),
  network.get("networks: by name", "/v2.0/networks?name=lustre_network"),
  network.get("networks: some fields", "/v2.0/networks?name=lustre_network&fields=id&fields=name"),
  network.get("networks: one", "/v2.0/networks/{private_id}"),
  network.get("networks: unknown id", `/v2.0/networks/${nobody}`),
  network.get("networks: a filter that is none", "/v2.0/networks?telepathy=yes"),
  network.get("networks: one to a page", "/v2.0/networks?limit=1&sort_key=name&sort_dir=asc"),
  network.get("subnets", "/v2.0/subnets?network_id={private_id}"),
  network.get("subnets: one", "/v2.0/subnets/{subnet_id}"),
  network.get("extensions: one", "/v2.0/extensions/security-group"),
  network.get("extensions: unknown one", "/v2.0/extensions/telepathy"),
];

const room = [
  compute.get("compute: limits", "/v2.1/limits"),
  compute.get("compute: limits in a newer version", "/v2.1/limits", { version: "2.57" }),
  compute.get("compute: quota set", "/v2.1/os-quota-sets/{project_id}"),
  compute.get("compute: quota set in detail", "/v2.1/os-quota-sets/{project_id}/detail", { version: "2.57" }),
  compute.get("compute: availability zones", "/v2.1/os-availability-zone"),
  network.get("network: quota in detail", "/v2.0/quotas/{project_id}/details.json"),
  network.get("network: quota", "/v2.0/quotas/{project_id}"),
  volume.get("volume: limits", "/v3/{project_id}/limits"),
  volume.get("volume: types", "/v3/{project_id}/types"),
  volume.get("volume: availability zones", "/v3/{project_id}/os-availability-zone"),
];

export const reads = [...versions, ...tokens, ...unknown, ...images, ...flavours, ...networks, ...room];
