/**
 * The state store as the Pulumi engine sees it: a loopback server that passes each request on to the real bucket,
 * signed with the real keys, which the engine never holds.
 *
 * It is there for two reasons. An outage of the store in mid-create must not lose the record of servers that exist:
 * we try for minutes where the engine gives up after half of one, and keep the last state in a file when even that
 * fails. And the engine saves its whole state twice per resource with four requests each time, one after another;
 * three of the four we can answer ourselves while the stack's lock is ours.
 */
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { BucketSettings } from "../world.ts";
import type { Fetch } from "../net/http.ts";
import { refusal, taken } from "./answers.ts";
import { endpointUrl } from "./endpoint.ts";
import type { Answer, Question } from "./exchange.ts";
import { openForwarder } from "./relay-forward.ts";
import { holdsKey, readQuestion, sendAnswer } from "./relay-http.ts";
import { openLockWatch } from "./relay-lock.ts";
import { openMemory } from "./relay-memory.ts";
import { openUploads } from "./relay-uploads.ts";

export type RelayOptions = {
  bucket: BucketSettings;
  fetch: Fetch;
  /** Key of the checkpoint that may be answered from memory once it was written. */
  checkpointKey: string;
  /** Told when the store does not answer and how long that has gone on, every few seconds. */
  onWaiting(seconds: number): void;
  /** Keeps a state that could not be stored; returns where. */
  keep(state: Uint8Array): Promise<string>;
  /** The store has taken a later state than the kept one. */
  discard(): Promise<void>;
  /** How long one request may go on failing before it is given up, in ms; 3 minutes unless told. */
  patienceMs?: number;
  /** How long it may go unnoticed, while the engine saves states, that its lock was taken away, in ms; 2,000 unless told. */
  lockEveryMs?: number;
};

/** What went wrong between the engine and the store. */
export type StoreTrouble = {
  /** Where the last state is that the store would not take. */
  kept: string | undefined;
  /** Why the last request that was given up had no answer. */
  away: string | undefined;
  /** Somebody else has released the engine's lock while it was running. */
  lockGone: boolean;
};

export type Relay = Awaited<ReturnType<typeof openRelay>>;

/** Listens on loopback until `close`. */
export async function openRelay(options: RelayOptions) {
  const { bucket } = options;
  const endpoint = endpointUrl(bucket.endpoint);
  /** Any local user can reach a loopback port: only a child that was told this key is served. */
  const accessKey = randomBytes(20).toString("hex");
  const forwarder = openForwarder({ patienceMs: 180_000, ...options });
  const memory = openMemory(bucket.bucket, options.checkpointKey);
  const uploads = openUploads();
  const writing = openTurns();
  const underWay = new Set<Promise<unknown>>();
  const lost = Promise.withResolvers<void>();
  let kept: string | undefined;
  let away: string | undefined;
  /** Why the engine was stopped, whatever came after. */
  let stopped: string | undefined;
  let lockGone = false;
  const lockWatch = openLockWatch({
    bucket: bucket.bucket,
    ask: (question) => forwarder.ask(question, { patient: false, wanted: () => true }),
    everyMs: options.lockEveryMs ?? 2_000,
    onGone() {
      lockGone = true;
      lost.resolve();
    },
  });

  async function serve(incoming: IncomingMessage): Promise<Answer> {
    const question = await readQuestion(incoming, endpoint);
    // Chunks with signatures between them, which the settings below turn off: stored as they are, they are no state.
    if (question.headers["content-encoding"]?.includes("aws-chunked")) return refusal(501, "NotImplemented");
    return (await uploads.answer(question, pass)) ?? pass(question);
  }

  async function pass(question: Question): Promise<Answer> {
    const known = memory.recall(question);
    if (known) return known;
    if (!memory.isCheckpointWrite(question)) return ask(question);
    track(lockWatch.look());
    return writing.take((wanted) => save(question, wanted));
  }

  async function ask(question: Question, wanted = () => true): Promise<Answer> {
    // Once a state had to be kept the run is over: its remaining requests get one try each.
    lockWatch.sending(question);
    const answer = await forwarder.ask(question, { patient: kept === undefined, wanted });
    const known = typeof answer === "string" ? undefined : answer;
    memory.learn(question, known);
    if (known) lockWatch.answered(question, known);
    away = typeof answer === "string" ? answer : undefined;
    // A refusal, not a 5xx: the engine would try that again for half a minute more.
    return known ?? refusal(403, "StateStoreAway");
  }

  async function save(question: Question, wanted: () => boolean): Promise<Answer> {
    const answer = await ask(question, wanted);
    if (answer.status >= 300 && wanted()) {
      kept = await options.keep(question.body);
      stopped ??= away ?? `it answered ${answer.status}`;
      lost.resolve();
      forwarder.hurry();
      // Refused, the engine would try this state for half a minute, and then the next: so it is taken, only elsewhere.
      return taken(question.body);
    }
    if (answer.status < 300 && kept !== undefined) {
      await options.discard();
      kept = undefined;
    }
    return answer;
  }

  function track(work: Promise<unknown>): void {
    const ended = work.finally(() => underWay.delete(ended));
    underWay.add(ended);
  }

  const server = createServer((incoming, outgoing) => {
    const answering = holdsKey(incoming, accessKey) ? serve(incoming) : Promise.resolve(refusal(403, "AccessDenied"));
    track(
      answering.then(
        (answer) => sendAnswer(outgoing, incoming.method ?? "", answer),
        () => outgoing.destroy(),
      ),
    );
  });
  // The engine may think for minutes between two requests, and a connection that closes under a PUT fails it.
  server.keepAliveTimeout = 0;
  const port = await listening(server);

  return {
    /** What the engine needs to use this as its backend. */
    env: {
      PULUMI_BACKEND_URL: `s3://${bucket.bucket}?endpoint=${encodeURIComponent(`http://127.0.0.1:${port}`)}&region=us-east-1&s3ForcePathStyle=true`,
      AWS_ACCESS_KEY_ID: accessKey,
      AWS_SECRET_ACCESS_KEY: "relay",
      AWS_REGION: "us-east-1",
      AWS_REQUEST_CHECKSUM_CALCULATION: "when_required",
      AWS_RESPONSE_CHECKSUM_VALIDATION: "when_required",
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    },

    /**
     * Kept when the engine should stop: a state could not be stored, so what it makes now only this machine knows, or
     * its lock is gone, so somebody else may be changing the same cluster.
     */
    lost: lost.promise,

    /** To be called when the engine has ended: brings what it was still writing to an end, and tells what went wrong. */
    async settle(): Promise<StoreTrouble> {
      forwarder.hurry();
      await Promise.all(underWay);
      forwarder.relax();
      return { kept, away: away ?? stopped, lockGone };
    },

    async close(): Promise<void> {
      forwarder.hurry();
      await Promise.all(underWay);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listening(server: ReturnType<typeof createServer>): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });
}

/** One after another; each can tell whether a later one waits, which then has the newer state. */
function openTurns() {
  let last: Promise<unknown> = Promise.resolve();
  let taken = 0;
  return {
    take<T>(work: (wanted: () => boolean) => Promise<T>): Promise<T> {
      taken += 1;
      const number = taken;
      const turn = last.then(() => work(() => number === taken));
      last = turn.catch(() => {});
      return turn;
    },
  };
}
