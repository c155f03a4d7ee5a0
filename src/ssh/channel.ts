/** Channels of a connection: a command's, and one to a port that the node can reach. */
import { constants } from "node:os";
import { TextDecoder } from "node:util";
import type { Readable } from "node:stream";
import type { Client, ClientChannel } from "ssh2";
import { Exit, failure } from "../errors.ts";
import type { NodeAddress, NodeAnswer } from "../world.ts";
import { maxBytes as usualMaxBytes, readyTimeoutMs } from "./limits.ts";
import { quoteArgv } from "../cluster/quote.ts";
import { lost, refused, timedOut } from "./trouble.ts";

export type Limits = { stdin?: string; timeoutMs?: number; maxBytes?: number };

/** The connection had ended before anything was begun on it: it may be tried on another. */
export class NotBegun extends Error {}

/** As `Nodes.run`. @throws NotBegun */
export function runOn(
  client: Client,
  node: NodeAddress,
  command: readonly string[],
  limits: Limits,
): Promise<NodeAnswer> {
  const program = programOf(command);
  const line = quoteArgv(command);
  return new Promise((resolve, reject) => {
    let begun = false;
    const options = {
      // Read by ssh2 when the channel is open, right before it sends the command: from then on it may have run.
      get env(): NodeJS.ProcessEnv {
        begun = true;
        return {};
      },
    };
    const fail = (error: unknown) => {
      if (isAnswer(error)) return reject(refused(node, "it opens no more sessions", error));
      reject(begun ? lost(node.name, program, error) : new NotBegun("the connection has ended", { cause: error }));
    };
    try {
      client.exec(line, options, (error, channel) => {
        if (error) fail(error);
        // At once: a short command's end may be in the same packet.
        else collect(channel, { node, program, ...limits }, resolve, reject);
      });
    } catch (error) {
      fail(error);
    }
  });
}

function collect(
  channel: ClientChannel,
  { node, program, stdin, timeoutMs, maxBytes = usualMaxBytes }: Limits & { node: NodeAddress; program: string },
  resolve: (answer: NodeAnswer) => void,
  reject: (error: Error) => void,
): void {
  const [stdout, stderr] = [keep(channel, maxBytes), keep(channel.stderr, maxBytes)];
  const stop = () => {
    channel.signal("TERM");
    channel.close();
    reject(outOfTime(node, program, timeoutMs));
  };
  const timer = timeoutMs === undefined ? undefined : setTimeout(stop, timeoutMs);
  let code: number | undefined;
  channel.on("exit", (status: number | null, signal?: string) => (code = status ?? 128 + signalNumber(signal)));
  channel.on("close", () => {
    clearTimeout(timer);
    if (code === undefined) reject(lost(node.name, program));
    else resolve({ code, stdout: stdout(), stderr: stderr() });
  });
  // What is written to a command that does not read is lost, and no matter.
  channel.on("error", () => {});
  channel.end(stdin);
}

/** A way from the node to a port; `far` is named in the trouble. @throws NotBegun, HailstackError (1) */
export function openWay(client: Client, address: string, port: number, far: NodeAddress): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(timedOut(far)), readyTimeoutMs);
    const fail = (error: unknown) => {
      clearTimeout(timer);
      reject(isAnswer(error) ? refused(far, error.message, error) : new NotBegun("it has ended", { cause: error }));
    };
    try {
      client.forwardOut("127.0.0.1", 0, address, port, (error, channel) => {
        if (error) return fail(error);
        clearTimeout(timer);
        channel.on("error", () => {});
        // Too late is no use to anybody; after the timer this changes nothing else.
        resolve(channel);
      });
    } catch (error) {
      fail(error);
    }
  });
}

/** The far side's own no has a reason's number; a connection that ended has none. */
const isAnswer = (error: unknown): error is Error => error instanceof Error && "reason" in error;

/** What runs there, for people, who are not helped by hearing that it was `sudo`. */
const programOf = (command: readonly string[]): string =>
  command.find((word, at) => !(at === 0 && word === "sudo") && !word.startsWith("-")) ?? "nothing";

/** Reads all, so that the command never waits, and keeps what may be kept. */
function keep(stream: Readable, maxBytes: number): () => string {
  const kept: Buffer[] = [];
  let room = maxBytes;
  let cut = false;
  stream.on("data", (chunk: Buffer) => {
    cut ||= chunk.length > room;
    if (room > 0) kept.push(chunk.subarray(0, room));
    room = Math.max(0, room - chunk.length);
  });
  // A character that was cut in two is left out.
  return () => new TextDecoder("utf-8", { ignoreBOM: true }).decode(Buffer.concat(kept), { stream: cut });
}

function signalNumber(name: string | undefined): number {
  const known: Readonly<Record<string, number>> = constants.signals;
  return known[`SIG${name?.replace(/^SIG/, "")}`] ?? 0;
}

const outOfTime = ({ name }: NodeAddress, program: string, timeoutMs = 0) =>
  failure(
    Exit.failed,
    "ssh-command-time",
    `${program} did not end within ${timeoutMs / 1000} s and was stopped`,
    `look what the node is busy with: hailstack ssh ${name}`,
    { where: name },
  );
