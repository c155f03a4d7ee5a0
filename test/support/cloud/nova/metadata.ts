/** A server's metadata. */
import { type Call, param } from "../core/call.ts";
import { type Answer, novaError } from "../core/errors.ts";
import { textFieldsOf } from "../core/json.ts";
import { checkedBody, metadataSchema } from "./body.ts";
import { foundServer } from "./servers.ts";

export const showMetadata = (call: Call): Answer => ({ status: 200, body: { metadata: foundServer(call).metadata } });

export function addMetadata(call: Call): Answer {
  const server = foundServer(call);
  server.metadata = { ...server.metadata, ...textFieldsOf(checkedBody(call, "metadata", metadataSchema)) };
  return { status: 200, body: { metadata: server.metadata } };
}

export function replaceMetadata(call: Call): Answer {
  const server = foundServer(call);
  server.metadata = textFieldsOf(checkedBody(call, "metadata", metadataSchema));
  return { status: 200, body: { metadata: server.metadata } };
}

export function deleteMetadata(call: Call): Answer {
  const server = foundServer(call);
  const key = param(call, "key");
  if (!(key in server.metadata)) throw novaError(404, "Metadata item was not found");
  const { [key]: _, ...rest } = server.metadata;
  server.metadata = rest;
  return { status: 204 };
}
