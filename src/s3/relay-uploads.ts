/**
 * A state beyond the engine's part size comes as a multipart upload. The relay takes the parts itself and sends the
 * store one PUT: a lost answer to the last step could not be tried again otherwise, and half a state is none.
 */
import { randomUUID } from "node:crypto";
import { nothing, taken, refusal, uploadBegun, uploadDone } from "./answers.ts";
import type { Answer, Question } from "./exchange.ts";

type Upload = { path: string; headers: Record<string, string>; parts: Map<number, Uint8Array> };

export function openUploads() {
  const uploads = new Map<string, Upload>();

  return {
    /** Answers what belongs to an upload; `put` sends the whole to the store. undefined: it is nothing of the kind. */
    async answer(question: Question, put: (whole: Question) => Promise<Answer>): Promise<Answer | undefined> {
      const { method, url, headers, body } = question;
      if (method === "POST" && url.searchParams.has("uploads")) {
        const id = randomUUID();
        uploads.set(id, { path: url.pathname, headers, parts: new Map() });
        return uploadBegun(id);
      }
      const id = url.searchParams.get("uploadId");
      if (id === null) return undefined;
      const upload = uploads.get(id);
      if (upload?.path !== url.pathname) return refusal(404, "NoSuchUpload");
      if (method === "PUT") {
        upload.parts.set(Number(url.searchParams.get("partNumber")), body);
        return taken(body);
      }
      if (method === "DELETE") {
        uploads.delete(id);
        return nothing();
      }
      if (method !== "POST") return refusal(501, "NotImplemented");
      const whole = joined(upload, body);
      if (!whole) return refusal(400, "InvalidPart");
      const answer = await put({
        method: "PUT",
        url: new URL(url.pathname, url),
        headers: upload.headers,
        body: whole,
      });
      if (answer.status >= 300) return answer;
      uploads.delete(id);
      return uploadDone(answer.headers.get("etag") ?? "");
    },
  };
}

/** The parts that `list` names, in their order; undefined when one of them never came. */
function joined({ parts }: Upload, list: Uint8Array): Uint8Array | undefined {
  const text = Buffer.from(list).toString("utf8");
  const numbers = [...text.matchAll(/<PartNumber>\s*(\d+)\s*<\/PartNumber>/g)].map(([, number]) => Number(number));
  const bodies = numbers.toSorted((a, b) => a - b).map((number) => parts.get(number));
  const there = bodies.filter((body) => body !== undefined);
  return numbers.length > 0 && there.length === bodies.length ? Buffer.concat(there) : undefined;
}
