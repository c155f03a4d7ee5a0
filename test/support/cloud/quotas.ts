/** How much of each thing a project may have, and has. */
import { type State, ofProject } from "./state.ts";

/** By the services' own names; -1 means no limit. The defaults are the lab's. */
export const defaultLimits = {
  instances: 10,
  cores: 64,
  ram: 131_072,
  key_pairs: 100,
  server_groups: 10,
  server_group_members: 10,
  network: 100,
  subnet: 100,
  subnetpool: -1,
  router: 10,
  rbac_policy: 10,
  port: 500,
  security_group: 10,
  security_group_rule: 100,
  floatingip: 50,
  volumes: 10,
  gigabytes: 1000,
  image_count_total: -1,
  /** MiB. */
  image_size_total: -1,
};
export type QuotaLimits = typeof defaultLimits;
export type QuotaName = keyof QuotaLimits;

export class Quotas {
  readonly #state: State;
  readonly #limits = new Map<string, QuotaLimits>();

  constructor(state: State) {
    this.#state = state;
  }

  set(projectId: string, limits: Partial<QuotaLimits>): void {
    this.#limits.set(projectId, { ...this.#all(projectId), ...limits });
  }

  limit(projectId: string, name: QuotaName): number {
    return this.#all(projectId)[name];
  }

  /** Whether `more` would not fit. */
  exceeded(projectId: string, name: QuotaName, more: number): boolean {
    const limit = this.limit(projectId, name);
    return limit >= 0 && this.used(projectId, name) + more > limit;
  }

  /** What counts against the limit now; 0 for what the cloud does not let members make. Keypairs are a user's. */
  used(projectId: string, name: QuotaName): number {
    const state = this.#state;
    const servers = () => ofProject(state.servers, projectId);
    const total = (values: number[]) => values.reduce((sum, value) => sum + value, 0);
    if (name === "instances") return servers().length;
    if (name === "cores") return total(servers().map(({ flavour }) => flavour.vcpus));
    if (name === "ram") return total(servers().map(({ flavour }) => flavour.ramMib));
    if (name === "server_groups") return ofProject(state.serverGroups, projectId).length;
    if (name === "port") return ofProject(state.ports, projectId).length;
    if (name === "security_group") return ofProject(state.securityGroups, projectId).length;
    if (name === "security_group_rule") return ofProject(state.rules, projectId).length;
    if (name === "floatingip") return ofProject(state.floatingIps, projectId).length;
    if (name === "volumes") return ofProject(state.volumes, projectId).length;
    if (name === "gigabytes") return total(ofProject(state.volumes, projectId).map(({ sizeGib }) => sizeGib));
    const images = () => [...state.images.values()].filter(({ ownerId }) => ownerId === projectId);
    if (name === "image_count_total") return images().length;
    if (name === "image_size_total") {
      return Math.floor(total(images().map(({ sizeBytes }) => sizeBytes ?? 0)) / 2 ** 20);
    }
    return 0;
  }

  #all(projectId: string): QuotaLimits {
    return this.#limits.get(projectId) ?? defaultLimits;
  }
}
