/** Deleting one thing, and seeing it gone. */
import * as z from "zod";
import { Exit, failure, type HailstackError } from "../errors.ts";
import type { Sweepable } from "../world.ts";
import { serviceWords } from "./refusal.ts";
import type { Call, Session } from "./session.ts";
import { until } from "./until.ts";
import type { Answer } from "./wire.ts";

type Place = Pick<Call, "service"> & {
  path: string;
  /** For those that go slowly and tell a status: the key of the one thing in an answer, or that there is none. */
  slow?: "server" | "volume" | "no key";
};

const places: Readonly<Record<Sweepable, Place>> = {
  server: { service: "compute", path: "/servers", slow: "server" },
  "server group": { service: "compute", path: "/os-server-groups" },
  keypair: { service: "compute", path: "/os-keypairs" },
  port: { service: "network", path: "/ports" },
  "floating IP": { service: "network", path: "/floatingips" },
  "security group": { service: "network", path: "/security-groups" },
  "security group rule": { service: "network", path: "/security-group-rules" },
  volume: { service: "block-storage", path: "/volumes", slow: "volume" },
  image: { service: "image", path: "/images", slow: "no key" },
};

const timeoutMs = 600_000;

/**
 * Deletes and waits until it is gone. What is still in use is tried again: its user may be on the way out.
 * @throws HailstackError (1) when it is still there after 10 minutes, with the cloud's reason
 */
export async function remove(session: Session, kind: Sweepable, id: string): Promise<void> {
  const place = places[kind];
  const call = { service: place.service, path: `${place.path}/${encodeURIComponent(id)}` };
  let asked = false;
  let reason: string | undefined;
  const gone = await until(session.wire, timeoutMs, async () => {
    if (!asked) {
      const answer = await session.ask({
        ...call,
        method: "DELETE",
        what: `delete ${one(kind)}`,
        accept: refusals(kind),
      });
      if (answer.status === 404) return true;
      asked = answer.status < 300;
      if (!asked) reason = inUse(kind, answer);
      if (!asked || place.slow === undefined) return asked;
    }
    const state = await stateOf(session, { ...call, what: `look at ${one(kind)}` }, place.slow);
    if (state === undefined || state.isGone) return true;
    reason = state.reason;
    // Cinder gives a volume it failed to delete back to be tried again.
    if (state.failed) asked = false;
    return false;
  });
  if (!gone) throw stillThere(kind, id, reason);
}

const one = (kind: Sweepable): string => `${kind === "image" ? "an" : "a"} ${kind}`;

const Status = z.object({ status: z.string(), fault: z.object({ message: z.string() }).optional() });
const Keyed = z.record(z.string(), Status).transform((answer) => Object.values(answer)[0]);

type Remains = { isGone: boolean; failed: boolean; reason: string };

async function stateOf(session: Session, call: Call, slow: Place["slow"]): Promise<Remains | undefined> {
  const thing = await (slow === "no key" ? session.find(call, Status) : session.find(call, Keyed));
  if (thing === undefined) return undefined;
  const { status, fault } = thing;
  return {
    isGone: ["DELETED", "SOFT_DELETED", "PENDING_DELETE"].includes(status.toUpperCase()),
    failed: status === "error_deleting",
    reason: fault === undefined ? `it is ${status}` : `it is ${status}: ${fault.message}`,
  };
}

/** Gone, or in use, for which Cinder says 400. */
function refusals(kind: Sweepable): number[] {
  return kind === "volume" ? [400, 404, 409] : [404, 409];
}

function inUse(kind: Sweepable, answer: Answer): string {
  return serviceWords(answer, []) ?? `the cloud answered ${answer.status} to: delete ${one(kind)}`;
}

function stillThere(kind: Sweepable, id: string, reason: string | undefined): HailstackError {
  const message = `${kind} ${id} is still there ${timeoutMs / 60_000} minutes after it was to be deleted`;
  const fix = "remove what uses it, or ask your cloud's administrators, then run the same command again";
  return failure(Exit.failed, "cloud-not-deleted", reason === undefined ? message : `${message} (${reason})`, fix);
}
