/** Flavours: what a server may be made of. */
import { type Call, param } from "../core/call.ts";
import { type Answer, novaError } from "../core/errors.ts";
import type { Fields, Json } from "../core/json.ts";
import type { Flavour } from "../state.ts";
import { pageOf } from "./paging.ts";

export function listFlavours(call: Call): Answer {
  return listAnswer(call, (flavour) => ({ id: flavour.id, name: flavour.name, links: flavourLinks(call, flavour) }));
}

export const listFlavoursInDetail = (call: Call): Answer => listAnswer(call, (flavour) => flavourView(call, flavour));

function listAnswer(call: Call, view: (flavour: Flavour) => Fields): Answer {
  const flavours = [...call.core.state.flavours.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const { page, links } = pageOf(call, flavours, ({ id }) => id, "flavors");
  return { status: 200, body: { flavors: page.map(view), ...links } };
}

export function showFlavour(call: Call): Answer {
  const flavour = call.core.state.flavours.get(param(call, "id"));
  if (flavour === undefined) throw novaError(404, `Flavor ${param(call, "id")} could not be found.`);
  return { status: 200, body: { flavor: flavourView(call, flavour) } };
}

export function flavourLinks(call: Call, { id }: Flavour): Json[] {
  const root = call.root("compute");
  return [
    { rel: "self", href: `${root}/v2.1/flavors/${id}` },
    { rel: "bookmark", href: `${root}/flavors/${id}` },
  ];
}

function flavourView(call: Call, flavour: Flavour): Fields {
  const view: Fields = {
    id: flavour.id,
    name: flavour.name,
    ram: flavour.ramMib,
    disk: flavour.diskGib,
    swap: call.version >= 75 ? 0 : "",
    "OS-FLV-EXT-DATA:ephemeral": 0,
    "OS-FLV-DISABLED:disabled": false,
    vcpus: flavour.vcpus,
    "os-flavor-access:is_public": true,
    rxtx_factor: 1,
    links: flavourLinks(call, flavour),
  };
  if (call.version >= 55) view.description = null;
  if (call.version >= 61) view.extra_specs = {};
  return view;
}
