/** What every service of one simulated cloud shares. */
import type { Clock } from "./core/clock.ts";
import type { Seed } from "./core/seed.ts";
import type { Addresses } from "./neutron/addresses.ts";
import type { ComputeDriver, Delays } from "./options.ts";
import type { Quotas } from "./quotas.ts";
import type { State } from "./state.ts";

export type Core = {
  state: State;
  seed: Seed;
  clock: Clock;
  quotas: Quotas;
  addresses: Addresses;
  delays: Required<Delays>;
  tokenLifetimeMs: number;
  region: string;
  volumeTypeId: string;
  /** Servers that find a host; those beyond it go to ERROR. */
  capacity: { servers: number };
  compute: ComputeDriver;
};
