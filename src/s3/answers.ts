/** S3's answers, as far as the relay gives some of its own. */
import { createHash } from "node:crypto";
import type { Answer } from "./exchange.ts";

const xml = (status: number, body: string): Answer => ({
  status,
  headers: new Headers({ "content-type": "application/xml" }),
  body: Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${body}`),
});

export const refusal = (status: number, code: string): Answer =>
  xml(status, `<Error><Code>${code}</Code><Message>${code}</Message></Error>`);

/** To a copy. `modified` is in ms since 1970. */
export const copied = (etag: string, modified: number): Answer =>
  xml(
    200,
    `<CopyObjectResult><ETag>${quoted(etag)}</ETag><LastModified>${new Date(modified).toISOString()}</LastModified></CopyObjectResult>`,
  );

export const uploadBegun = (id: string): Answer =>
  xml(200, `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);

/** To a plain PUT, of an object or of a part. */
export const taken = (body: Uint8Array): Answer => ({
  status: 200,
  headers: new Headers({ etag: `"${createHash("md5").update(body).digest("hex")}"` }),
  body: new Uint8Array(),
});

export const uploadDone = (etag: string): Answer =>
  xml(200, `<CompleteMultipartUploadResult><ETag>${quoted(etag)}</ETag></CompleteMultipartUploadResult>`);

export const nothing = (): Answer => ({ status: 204, headers: new Headers(), body: new Uint8Array() });

/** An ETag carries its quotes with it. */
export const quoted = (etag: string): string => etag.replaceAll('"', "&quot;");
