/** What the engine reports while it works, in our words. */
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import type { Change, Operation, Progress } from "../world.ts";

/** The engine's many words for a step, as the few a user needs. */
export function operationOf(op: string): Operation {
  if (op === "same" || op === "read" || op === "create" || op === "update" || op === "delete") return op;
  if (op.includes("replace")) return "replace";
  if (op === "discard" || op.startsWith("remove")) return "delete";
  if (op.startsWith("read") || op === "refresh") return "read";
  return op.startsWith("import") ? "create" : "update";
}

/** `openstack:compute/instance:Instance` → `Instance`. */
export const kindOf = (type: string): string => type.split(":").at(-1) ?? type;

/** The name we gave it. */
export const nameOf = (urn: string): string => urn.split("::").at(-1) ?? urn;

const typeOf = (urn: string): string => urn.split("::").at(-2) ?? "";

/** The stack itself and the provider are steps too, but no one's resources. */
export const isResource = (type: string): boolean => type.startsWith("openstack:");

/** Gathers the steps of a preview, one per resource. */
export function collectChanges() {
  const changes = new Map<string, Change>();
  return {
    onEvent(event: EngineEvent): void {
      const step = event.resourcePreEvent?.metadata;
      if (!step || !isResource(step.type)) return;
      const known = changes.get(step.urn);
      const told = Object.keys(step.detailedDiff ?? {});
      const properties = told.length > 0 ? told : (step.diffs ?? []);
      changes.set(step.urn, {
        operation: operationOf(step.op),
        name: nameOf(step.urn),
        type: step.type,
        urn: step.urn,
        // A replacement comes as three steps of one resource (create-replacement, replace, delete-replaced), in either
        // order, and not each of them says why.
        properties: properties.length > 0 ? properties : (known?.properties ?? []),
      });
    },
    changes: (): Change[] => [...changes.values()],
  };
}

/** Turns steps into progress, and keeps what failed and what the stack's outputs became. */
export function followRun(report: (progress: Progress) => void) {
  const failures: { resource: string; message: string }[] = [];
  let outputs: Record<string, unknown> = {};
  return {
    onEvent(event: EngineEvent): void {
      const step = event.resourcePreEvent ?? event.resOutputsEvent ?? event.resOpFailedEvent;
      const diagnostic = event.diagnosticEvent;
      if (diagnostic?.severity === "error") {
        const { urn = "", message } = diagnostic;
        failures.push({ resource: isResource(typeOf(urn)) ? nameOf(urn) : "", message });
      }
      if (event.resOutputsEvent?.metadata.type === "pulumi:pulumi:Stack") {
        outputs = event.resOutputsEvent.metadata.new?.outputs ?? outputs;
      }
      if (!step || !isResource(step.metadata.type)) return;
      const operation = operationOf(step.metadata.op);
      if (operation === "same" || operation === "read") return;
      const state = event.resourcePreEvent ? "started" : event.resOutputsEvent ? "done" : "failed";
      const { urn, type } = step.metadata;
      report({ event: "resource", resource: nameOf(urn), kind: kindOf(type), operation, state });
    },
    failures: () => failures,
    outputs: () => outputs,
  };
}
