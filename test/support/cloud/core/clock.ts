/** The cloud's own time: it runs as real time does, from any start, and can be moved forward by hand. */

type Due = { at: number; action: () => void };

export class Clock {
  #offset: number;
  #due: Due[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();

  /** `start` is the time now; the real one by default. */
  constructor(start?: Date) {
    this.#offset = start === undefined ? 0 : start.getTime() - Date.now();
  }

  now(): Date {
    return new Date(Date.now() + this.#offset);
  }

  /** Moves the time forward, and does what falls due on the way. */
  advance(ms: number): void {
    this.#offset += ms;
    this.settle();
  }

  /** Does `action` in `ms` of the cloud's time; at once when it is 0. */
  after(ms: number, action: () => void): void {
    if (ms <= 0) {
      action();
      return;
    }
    this.#due.push({ at: this.now().getTime() + ms, action });
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.settle();
    }, ms + 1);
    timer.unref();
    this.#timers.add(timer);
  }

  /** Does everything that is due by now, oldest first. */
  settle(): void {
    if (this.#due.length === 0) return;
    const now = this.now().getTime();
    const ripe = this.#due.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
    if (ripe.length === 0) return;
    this.#due = this.#due.filter(({ at }) => at > now);
    for (const { action } of ripe) action();
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#due = [];
  }
}

/** `2026-11-21T07:56:45Z`, as Nova, Neutron and Glance write it. */
export const isoSeconds = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`;
/** `2026-11-21T07:56:45.000000`, as Cinder and Nova's usage write it. */
export const isoMicros = (time: Date): string => `${time.toISOString().slice(0, 19)}.000000`;
