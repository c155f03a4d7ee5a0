/** Everything a project holds, by kind and id, and how two looks at it differ. */
import { z } from "zod";
import type { Rest, Service } from "./rest.ts";

type Place = { service: Service; path: string; key: string };
const places = {
  servers: { service: "compute", path: "/servers/detail", key: "servers" },
  keypairs: { service: "compute", path: "/os-keypairs", key: "keypairs" },
  "server groups": { service: "compute", path: "/os-server-groups", key: "server_groups" },
  ports: { service: "network", path: "/v2.0/ports", key: "ports" },
  "security groups": { service: "network", path: "/v2.0/security-groups", key: "security_groups" },
  rules: { service: "network", path: "/v2.0/security-group-rules", key: "security_group_rules" },
  "floating IPs": { service: "network", path: "/v2.0/floatingips", key: "floatingips" },
  volumes: { service: "volumev3", path: "/volumes/detail", key: "volumes" },
} as const satisfies Record<string, Place>;
export type Kind = keyof typeof places;
// Object.keys forgets the literal keys.
export const kinds = Object.keys(places) as Kind[];

/** The fields that are looked at, of whatever kind has them. */
const Item = z.object({
  id: z.string(),
  name: z.string().default(""),
  status: z.string().optional(),
  port_id: z.string().nullish(),
  floating_ip_address: z.string().optional(),
  port_range_min: z.number().nullish(),
  remote_ip_prefix: z.string().nullish(),
  updated: z.string().optional(),
  updated_at: z.string().nullish(),
  revision_number: z.number().optional(),
});
export type Item = z.infer<typeof Item>;
/** Nova wraps each keypair, whose name is its id. */
const Wrapped = z
  .object({ keypair: z.object({ name: z.string() }) })
  .transform(({ keypair: { name } }) => ({ ...Item.parse({ id: name, name }) }));
const Listing = z.record(z.string(), z.unknown());

export type Inventory = Record<Kind, Map<string, Item>>;

export async function takeInventory(rest: Rest): Promise<Inventory> {
  const lists = kinds.map(async (kind) => {
    const { service, path, key } = places[kind];
    const items = z.array(z.union([Wrapped, Item])).parse((await rest.ask(Listing, service, path))[key]);
    return [kind, new Map(items.map((item) => [item.id, item]))] as const;
  });
  // fromEntries forgets that every kind is there.
  return Object.fromEntries(await Promise.all(lists)) as Inventory;
}

export type Difference = Record<Kind, Item[]>;

/** What `there` holds and `base` does not. */
export function added(base: Inventory, there: Inventory): Difference {
  const pick = (kind: Kind) => [...there[kind].values()].filter(({ id }) => !base[kind].has(id));
  return Object.fromEntries(kinds.map((kind) => [kind, pick(kind)])) as Difference;
}

/** Things in both that somebody has written to, or that are used otherwise than before. */
export function touched(before: Inventory, after: Inventory): string[] {
  const mark = (item?: Item) => JSON.stringify([item?.updated, item?.updated_at, item?.revision_number]);
  return kinds.flatMap((kind) =>
    [...before[kind].values()]
      .filter((item) => after[kind].has(item.id) && mark(item) !== mark(after[kind].get(item.id)))
      .map((item) => `${kind}: ${item.name || item.id} was ${mark(item)}, is ${mark(after[kind].get(item.id))}`),
  );
}

/** How a thing that outlives a cluster must be found again. Neutron's own `status` of an address lags behind. */
const uses = {
  volumes: ({ status }: Item) => status,
  "floating IPs": ({ port_id }: Item) => port_id ?? "free",
};

/** Things in both that are used otherwise than before: a volume still attached, an address not free again. */
export function misused(before: Inventory, after: Inventory): string[] {
  return (["volumes", "floating IPs"] as const).flatMap((kind) =>
    [...before[kind].values()].flatMap((was) => {
      const is = after[kind].get(was.id);
      return is && uses[kind](is) !== uses[kind](was) ? [`${kind}: ${was.name || was.id} is ${uses[kind](is)}`] : [];
    }),
  );
}

/** `servers 1 (c-worker-03), ports 1 (…)`; empty when there is nothing. */
export const describe = (difference: Difference): string =>
  kinds
    .filter((kind) => difference[kind].length > 0)
    .map(
      (kind) => `${kind} ${difference[kind].length} (${difference[kind].map(({ id, name }) => name || id).join(", ")})`,
    )
    .join(", ");
