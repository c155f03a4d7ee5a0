/**
 * What the relay knows about one checkpoint. It holds while the stack's lock is the engine's, for then nobody else
 * writes it; so it begins anew with every lock that is taken or let go.
 */
import { copied, quoted } from "./answers.ts";
import { isPlain, type Answer, type Question } from "./exchange.ts";

type Written = { size: number; etag: string; modified: number; type: string };

export type Memory = ReturnType<typeof openMemory>;

/** `key` is the checkpoint's. */
export function openMemory(bucket: string, key: string) {
  const path = `/${bucket}/${key}`;
  const backup = `${path}.bak`;
  const locks = `/${bucket}/.pulumi/locks/`;
  /** As the store has it; undefined when we cannot be sure. */
  let written: Written | undefined;
  let backedUp = false;
  let listing: { query: string; answer: Answer } | undefined;

  const isCheckpointWrite = (question: Question): boolean =>
    question.method === "PUT" && pathOf(question) === path && isWhole(question) && !isCopy(question);
  const isListing = ({ method, url }: Question): boolean =>
    method === "GET" && [`/${bucket}`, `/${bucket}/`].includes(url.pathname) && url.searchParams.get("prefix") === key;
  const isBackup = (question: Question): boolean =>
    question.method === "PUT" && pathOf(question) === backup && isCopy(question);

  function forget(): void {
    written = undefined;
    backedUp = false;
    listing = undefined;
  }

  return {
    isCheckpointWrite,

    /** The store's answer to this, without asking it; undefined when it must be asked. */
    recall(question: Question): Answer | undefined {
      if (!written) return undefined;
      if (question.method === "HEAD" && pathOf(question) === path && isWhole(question)) return found(written);
      if (isListing(question) && listing?.query === question.url.search) return listed(listing.answer, key, written);
      // One backup of each operation, of the state before it: later ones would only cover the last half second.
      if (backedUp && isBackup(question)) return copied(written.etag, Date.now());
      return undefined;
    },

    /** `answer` is undefined when nobody knows what became of the request. */
    learn(question: Question, answer: Answer | undefined): void {
      const done = answer !== undefined && answer.status < 300;
      if (isCheckpointWrite(question)) {
        if (done) written = writtenBy(question, answer);
        else forget();
      } else if (isBackup(question)) {
        backedUp = done && !textOf(answer).includes("<Error>");
        // It may be an object more.
        listing = undefined;
      } else if (isListing(question)) {
        const whole = done && written && !/<IsTruncated>\s*true/.test(textOf(answer)) && entryOf(textOf(answer), key);
        listing = whole ? { query: question.url.search, answer } : undefined;
      } else if (question.method !== "GET" && question.method !== "HEAD") {
        const target = pathOf(question);
        const isBucketItself = target === `/${bucket}` || target === `/${bucket}/`;
        if (target.startsWith(path) || target.startsWith(locks) || isBucketItself) forget();
      }
    },
  };
}

const pathOf = ({ url }: Question): string => decodeURIComponent(url.pathname);
const isCopy = ({ headers }: Question): boolean => headers["x-amz-copy-source"] !== undefined;
/** Without conditions, the answer to which only the store knows. */
const isWhole = ({ url, headers }: Question): boolean =>
  isPlain(url) && !Object.keys(headers).some((name) => name.startsWith("if-") || name === "range");

function writtenBy({ body, headers }: Question, answer: Answer): Written {
  const date = Date.parse(answer.headers.get("date") ?? "");
  return {
    size: body.byteLength,
    etag: answer.headers.get("etag") ?? "",
    modified: Number.isNaN(date) ? Date.now() : date,
    type: headers["content-type"] ?? "binary/octet-stream",
  };
}

const found = ({ size, etag, modified, type }: Written): Answer => ({
  status: 200,
  headers: new Headers({
    "accept-ranges": "bytes",
    "content-length": String(size),
    "content-type": type,
    etag,
    "last-modified": new Date(modified).toUTCString(),
  }),
  body: new Uint8Array(),
});

/** The listing, with what was written since. */
function listed(answer: Answer, key: string, { size, etag, modified }: Written): Answer {
  const text = textOf(answer);
  const entry = entryOf(text, key) ?? "";
  const now = entry
    .replace(/<Size>[^<]*/, `<Size>${size}`)
    .replace(/<ETag>[^<]*/, `<ETag>${quoted(etag)}`)
    .replace(/<LastModified>[^<]*/, `<LastModified>${new Date(modified).toISOString()}`);
  return { ...answer, body: Buffer.from(text.replace(entry, now)) };
}

const textOf = ({ body }: Answer): string => Buffer.from(body).toString("utf8");

/** The listing's element about exactly this key, whose neighbours may begin alike. */
const entryOf = (text: string, key: string): string | undefined =>
  text
    .match(/<Contents>.*?<\/Contents>/gs)
    ?.find((entry) => decodeURIComponent(/<Key>([^<]*)<\/Key>/.exec(entry)?.[1] ?? "") === key);
