/**
 * A simulated OpenStack: Keystone, Nova, Neutron, Glance and Cinder on one loopback port, in memory, as far as
 * hailstack and the Terraform provider use them. `test/conformance` holds it to the answers of the real services.
 */
import { Clock } from "./core/clock.ts";
import { Seed } from "./core/seed.ts";
import type { Core } from "./core.ts";
import { type Admin, adminOf } from "./admin.ts";
import { fill } from "./contents.ts";
import { Faults } from "./faults.ts";
import type { Entry, Surprise } from "./journal.ts";
import { Addresses } from "./neutron/addresses.ts";
import { type CloudOptions, labUser } from "./options.ts";
import { Quotas } from "./quotas.ts";
import { listen } from "./server.ts";
import { State } from "./state.ts";

/** The name of every operation, for fault plans. */
export { operations } from "./service.ts";

export type SimulatedCloud = {
  /** Keystone's URL. */
  url: string;
  /** The `OS_*` variables of the first user and its first project. */
  env: Record<string, string>;
  /** Everything the cloud holds, to look at; change it through `admin`. */
  state: State;
  /** The ids of all things that clients make, by kind, sorted: equal before and after means nothing is left. */
  objects: () => Record<string, string[]>;
  journal: readonly Entry[];
  /** What no client of ours should have sent; empty after a good run. */
  surprises: readonly Surprise[];
  faults: Faults;
  clock: Clock;
  admin: Admin;
  /** Closes every connection; no test may leave a cloud running. */
  stop: () => Promise<void>;
};

/** Listens on a free port of 127.0.0.1 when the promise is kept. */
export async function startCloud(options: CloudOptions = {}): Promise<SimulatedCloud> {
  const core = newCore(options);
  fill(core, options);
  const faults = new Faults(core.seed, options.faults ?? []);
  const running = await listen(core, faults, options.port ?? 0);
  const user = options.users?.[0] ?? labUser;
  const url = `${running.origin}/identity/v3`;
  return {
    url,
    env: {
      OS_AUTH_URL: url,
      OS_USERNAME: user.name,
      OS_PASSWORD: user.password,
      OS_PROJECT_NAME: user.projects[0] ?? "",
      OS_USER_DOMAIN_NAME: "Default",
      OS_PROJECT_DOMAIN_NAME: "Default",
      OS_REGION_NAME: core.region,
      OS_IDENTITY_API_VERSION: "3",
    },
    state: core.state,
    objects: () => objectsOf(core.state),
    journal: running.journal,
    surprises: running.surprises,
    faults,
    clock: core.clock,
    admin: adminOf(core),
    async stop() {
      core.clock.stop();
      await running.stop();
    },
  };
}

function newCore(options: CloudOptions): Core {
  const state = new State();
  const seed = new Seed(options.seed ?? 1);
  return {
    state,
    seed,
    clock: new Clock(options.startTime),
    quotas: new Quotas(state),
    addresses: new Addresses(seed),
    delays: { build: 0, delete: 0, volume: 0, attach: 0, image: 0, ...options.delays },
    tokenLifetimeMs: options.tokenLifetimeMs ?? 3_600_000,
    region: options.region ?? "RegionOne",
    volumeTypeId: seed.uuid("volume type", "__DEFAULT__"),
    capacity: { servers: options.capacity ?? Infinity },
    compute: options.compute ?? {},
  };
}

function objectsOf(state: State): Record<string, string[]> {
  const { keypairs, serverGroups, securityGroups, rules, ports, floatingIps, volumes, servers, credentials } = state;
  const images = new Map([...state.images].filter(([, { ownerId }]) => state.projects.has(ownerId)));
  const things = { serverGroups, securityGroups, rules, ports, floatingIps, volumes, servers, images };
  const kinds = { keypairs, ...things, credentials };
  return Object.fromEntries(Object.entries(kinds).map(([kind, items]) => [kind, [...items.keys()].sort()]));
}
