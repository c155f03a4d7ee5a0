/**
 * The calls that `create` comes to, without an engine, a plugin or a state: the least that any tool would take that
 * asks and waits as the provider does.
 */
import type { Session } from "./lab-place.ts";
import { openGate } from "./polling.ts";
import { ProviderCalls, type Wanted } from "./provider-calls.ts";

/** As many at once as hailstack's engine. */
const parallel = 16;

/** Makes everything the plan has but a volume; each thing as soon as what it needs is there. */
export async function createByCalls(session: Session, wanted: Wanted): Promise<void> {
  const { plan } = wanted;
  const through = openGate(parallel);
  const calls = new ProviderCalls(session, wanted);
  const flavours = await calls.flavours();
  const networkId = await calls.networkId(plan.nodes[0]?.ports[0]?.network ?? "");
  const [master, worker, hint] = await Promise.all([
    through(() => calls.group("master")),
    through(() => calls.group("worker")),
    plan.spread ? through(() => calls.serverGroup()) : "",
    through(() => calls.keypair()),
  ]);
  const groups = { master, worker };
  const rules = plan.rules.map((planned) => through(() => calls.rule(planned, groups)));
  const ports = await all(plan.nodes.map((node) => through(() => calls.port(node, networkId, groups))));
  await all(rules);
  await all([
    through(() => calls.address(ports[0] ?? "")),
    ...plan.nodes.map((node, index) =>
      through(() => calls.server(node, ports[index] ?? "", flavours[node.flavour] ?? "", hint)),
    ),
  ]);
}

/** As Promise.all, but nothing is under way any more when it fails: what was made can be removed then. */
async function all<T>(work: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
