/** Where the services of one region are, from the catalogue that comes with a token. */
import * as z from "zod";
import { Exit, failure } from "../errors.ts";

export type Service = "compute" | "image" | "network" | "block-storage";

export const Catalogue = z.array(
  z.object({
    type: z.string(),
    endpoints: z.array(
      z.object({
        interface: z.string(),
        url: z.string(),
        region: z.string().nullish(),
        region_id: z.string().nullish(),
      }),
    ),
  }),
);
export type Catalogue = z.infer<typeof Catalogue>;

/** Names a service goes by, best first: https://service-types.openstack.org/service-types.json */
const aliases: Readonly<Record<Service, readonly string[]>> = {
  compute: ["compute"],
  image: ["image"],
  network: ["network"],
  "block-storage": ["block-storage", "volumev3", "block-store"],
};

/**
 * `wanted` when the catalogue has it, or the only region there is.
 * @throws HailstackError (3) naming the regions on offer
 */
export function chooseRegion(catalogue: Catalogue, access: string, wanted: string | undefined): string {
  const offered = regionsOf(catalogue, access);
  const [first] = offered;
  if (wanted !== undefined && offered.includes(wanted)) return wanted;
  if (wanted === undefined && first !== undefined && offered.length === 1) return first;
  const names = offered.join(", ") || "none";
  const message =
    wanted === undefined
      ? `no region is chosen, and the cloud has several: ${names}`
      : `the cloud has no region '${wanted}'; it offers: ${names}`;
  const fix = `set region_name in clouds.yaml or OS_REGION_NAME${first === undefined ? "" : `, for example to ${first}`}`;
  throw failure(Exit.preflight, "cloud-region-unknown", message, fix);
}

/**
 * Base URL of a service, up to and with its version, without a slash at the end.
 * @throws HailstackError (3) when the region does not offer it
 */
export function endpointOf(
  catalogue: Catalogue,
  service: Service,
  access: string,
  region: string,
  projectId: string,
): string {
  for (const alias of aliases[service]) {
    for (const { endpoints } of catalogue.filter(({ type }) => type === alias)) {
      const found = endpoints.find((each) => each.interface === access && regionOf(each) === region);
      if (found !== undefined) return versioned(found.url, service, projectId);
    }
  }
  const message = `the catalogue has no ${access} address of a ${service} service in region ${region}`;
  const fix = "check region_name and interface in clouds.yaml, or ask your cloud's administrators for the service";
  throw failure(Exit.preflight, "cloud-service-missing", message, fix);
}

/** Catalogues hold the bare service, a version, or Cinder's version and project; all three are in use. */
function versioned(text: string, service: Service, projectId: string): string {
  const url = text.replace(/\/+$/, "");
  if (/\/v\d+(\.\d+)?(\/[^/]+)?$/.test(url)) return url;
  const version = { compute: "v2.1", image: "v2", network: "v2.0", "block-storage": `v3/${projectId}` };
  return `${url}/${version[service]}`;
}

type Endpoint = Catalogue[number]["endpoints"][number];

function regionOf(endpoint: Endpoint): string | undefined {
  return endpoint.region_id ?? endpoint.region ?? undefined;
}

function regionsOf(catalogue: Catalogue, access: string): string[] {
  const compute = catalogue.filter(({ type }) => type === "compute");
  const services = compute.length > 0 ? compute : catalogue;
  const endpoints = services.flatMap((service) => service.endpoints).filter((each) => each.interface === access);
  return [...new Set(endpoints.map(regionOf).filter((region) => region !== undefined))].sort();
}
