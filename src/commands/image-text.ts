/** Images in a few words. */
import type { ImageRow } from "../cluster/built-images.ts";

/** `3.2 GiB`; `-` for one with nothing in it yet. */
export function sizeText(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return "-";
  const gib = bytes / 2 ** 30;
  return gib >= 0.1 ? `${gib.toFixed(1)} GiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

/** `12 min`, `5 h` or `3 d` since `from`, ISO 8601; `?` when that is no time. */
export function ageText(from: string, now: Date): string {
  const minutes = Math.max(0, Math.floor((now.getTime() - Date.parse(from)) / 60_000));
  if (Number.isNaN(minutes)) return "?";
  if (minutes < 120) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} d`;
}

/** Enough of a digest to tell two apart. */
export const digestText = (digest: string): string => digest.slice(0, 12) || "-";

/** Who may boot from it, and whose it is when it is not the project's. */
export const visibilityText = ({ visibility, own, owner_id }: ImageRow): string =>
  own ? visibility : `${visibility}, of ${owner_id.slice(0, 8)}`;
