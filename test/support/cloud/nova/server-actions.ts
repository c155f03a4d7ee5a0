/** `POST /v2.1/servers/{id}/action`: switching, rebooting, looking at and imaging a server. */
import type { Call } from "../core/call.ts";
import { type Answer, novaError } from "../core/errors.ts";
import { fieldsOf, textOf } from "../core/json.ts";
import type { Schema } from "../core/schema.ts";
import type { Core } from "../core.ts";
import type { Server } from "../state.ts";
import { checkedBody } from "./body.ts";
import { drive, serverFacts } from "./server-facts.ts";
import { createServerImage } from "./server-image.ts";
import { deleteServer, failServer } from "./server-life.ts";
import { foundServer } from "./servers.ts";

const consoleSchema: Schema = {
  type: "object",
  properties: { length: { type: ["integer", "string", "null"] } },
  additionalProperties: false,
};

type Action = (call: Call, server: Server) => Answer;
const accepted: Answer = { status: 202 };

const actions: Readonly<Record<string, Action>> = {
  createImage: createServerImage,
  "os-stop": (call, server) => switched(call, server, "stop"),
  "os-start": (call, server) => switched(call, server, "start"),
  reboot: rebootServer,
  forceDelete(call, server) {
    deleteServer(call.core, server);
    return accepted;
  },
  "os-getConsoleOutput": consoleOutput,
};

function consoleOutput(call: Call, server: Server): Answer {
  const fields = checkedBody(call, "os-getConsoleOutput", consoleSchema);
  const { console } = call.core.compute;
  const text = console === undefined ? `${server.name} login:` : console(serverFacts(call.core, server));
  const lines = text.split("\n");
  const length = Number(fields.length ?? -1);
  return { status: 200, body: { output: (length >= 0 ? lines.slice(-length) : lines).join("\n") } };
}

const rebootSchema: Schema = {
  type: "object",
  properties: { type: { type: "string", enum: ["HARD", "Hard", "hard", "SOFT", "Soft", "soft"] } },
  required: ["type"],
  additionalProperties: false,
};

function rebootServer(call: Call, server: Server): Answer {
  const fields = checkedBody(call, "reboot", rebootSchema);
  refuseUnless(server, "reboot", "active");
  const kind = textOf(fields.type)?.toLowerCase() === "hard" ? "hard" : "soft";
  const { reboot } = call.core.compute;
  const work = reboot && (() => reboot(serverFacts(call.core, server), kind));
  change(call.core, server, "rebooting", work, () => {});
  return accepted;
}

function switched(call: Call, server: Server, verb: "stop" | "start"): Answer {
  refuseUnless(server, verb, verb === "stop" ? "active" : "stopped");
  const { power } = call.core.compute;
  const work = power && (() => power(serverFacts(call.core, server), verb === "start"));
  change(call.core, server, verb === "stop" ? "powering-off" : "powering-on", work, () => {
    server.vmState = verb === "stop" ? "stopped" : "active";
  });
  return accepted;
}

/** The server is busy with `task` for as long as the driver works; then `done`, or ERROR. */
function change(
  core: Core,
  server: Server,
  task: string,
  work: (() => void | Promise<void>) | undefined,
  done: () => void,
): void {
  server.taskState = task;
  const end = () => {
    if (server.taskState === task) server.taskState = null;
    done();
  };
  drive(work, end, (reason) => failServer(core, server, reason));
}

/** @throws Refusal (409) while the server is in another state, or busy */
function refuseUnless({ id, vmState, taskState }: Server, verb: string, wanted: Server["vmState"]): void {
  const refused = (what: string) => novaError(409, `Cannot '${verb}' instance ${id} while it is in ${what}`);
  if (vmState !== wanted) throw refused(`vm_state ${vmState}`);
  if (taskState !== null) throw refused(`task_state ${taskState}`);
}

export function actOnServer(call: Call): Answer {
  const name = Object.keys(fieldsOf(call.body))[0] ?? "";
  const action = actions[name];
  if (action === undefined) {
    call.surprise(`unknown action ${name}`);
    throw novaError(400, `There is no such action: ${name}`);
  }
  return action(call, foundServer(call));
}
