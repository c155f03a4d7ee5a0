/** Which IPv4 addresses of each network are taken. Addresses are kept as numbers within their network. */
import type { Seed } from "../core/seed.ts";
import type { Network } from "../state.ts";

/** `10.99.0.0/22` → its first address as a number, and how many it has. */
export function parseCidr(cidr: string): { base: number; size: number; prefixLength: number } {
  const [address = "", length = ""] = cidr.split("/");
  const base = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  return { base, size: 2 ** (32 - Number(length)), prefixLength: Number(length) };
}

/** The dotted form of the address that is number `offset` of the network. */
export function addressText(network: Network, offset: number): string {
  const value = parseCidr(network.subnet.cidr).base + offset;
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

/** The number of a dotted address within the network; undefined when it is outside. */
export function addressOffset(network: Network, text: string): number | undefined {
  const { base, size } = parseCidr(network.subnet.cidr);
  const offset = parseCidr(`${text}/32`).base - base;
  return offset > 0 && offset < size ? offset : undefined;
}

export class Addresses {
  readonly #taken = new Map<string, Set<number>>();
  readonly #seed: Seed;

  constructor(seed: Seed) {
    this.#seed = seed;
  }

  /** A free address for `label`; undefined when the pool is empty. */
  take(network: Network, label: string): number | undefined {
    const { first, last } = network.subnet;
    const taken = this.#of(network.id);
    const count = last - first + 1;
    if (taken.size >= count) return undefined;
    const start = Math.floor(this.#seed.fraction("address", `${network.name} ${label}`) * count);
    for (let step = 0; step < count; step += 1) {
      const offset = first + ((start + step) % count);
      if (taken.has(offset)) continue;
      taken.add(offset);
      return offset;
    }
    return undefined;
  }

  release(networkId: string, offset: number): void {
    this.#of(networkId).delete(offset);
  }

  #of(networkId: string): Set<number> {
    const known = this.#taken.get(networkId) ?? new Set<number>();
    this.#taken.set(networkId, known);
    return known;
  }
}
