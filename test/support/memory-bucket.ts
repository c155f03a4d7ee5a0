/** A Bucket in memory, for tests of what is kept in one; test/engine holds the real one to the same behaviour. */
import type { Bucket } from "../../src/world.ts";

export type MemoryBucket = Bucket & {
  keys(): string[];
  text(key: string): string;
  /** `get <key>` and so on, in order. */
  requests: string[];
};

/** `modified` tells when an object was last written, by the store's clock. */
export function bucketOf(
  objects: Readonly<Record<string, string>>,
  modified: (key: string) => Date = () => new Date(0),
): MemoryBucket {
  const held = new Map<string, Buffer>(Object.entries(objects).map(([key, text]) => [key, Buffer.from(text)]));
  const requests: string[] = [];
  /** Answers come later, as from a network. */
  const answer = async <T>(operation: string, key: string, work: () => T): Promise<T> => {
    requests.push(`${operation} ${key}`);
    await new Promise((resolve) => setImmediate(resolve));
    return work();
  };
  return {
    name: "state",
    host: "s3.example",
    requests,
    keys: () => [...held.keys()].toSorted(),
    text: (key) => held.get(key)?.toString() ?? "",
    get: (key) => answer("get", key, () => held.get(key)),
    put: (key, body) => answer("put", key, () => void held.set(key, Buffer.from(body))),
    putIfAbsent: (key, body) =>
      answer("put", key, () => {
        if (held.has(key)) return false;
        held.set(key, Buffer.from(body));
        return true;
      }),
    delete: (key) => answer("delete", key, () => void held.delete(key)),
    list: (prefix) =>
      answer("list", prefix, () =>
        [...held.keys()]
          .filter((key) => key.startsWith(prefix))
          .toSorted()
          .map((key) => ({ key, modified: modified(key) })),
      ),
    clockSkewSeconds: () => 0,
  };
}
