/** Text files as one compressed archive, made in memory as they come. */
import { Header, Pack, ReadEntry } from "tar";

export type Archive = {
  /** Done when it is packed. */
  add(path: string, content: string): Promise<void>;
  /** The whole `.tar.gz`. */
  end(): Promise<Uint8Array>;
};

/** Files in it are for their owner alone, and as old as `modified`. */
export function openArchive(modified: Date): Archive {
  const pack = new Pack({ gzip: true, portable: true });
  const chunks: Buffer[] = [];
  pack.on("data", (chunk) => void chunks.push(Buffer.from(chunk)));
  const ended = new Promise<void>((resolve, reject) => {
    pack.on("end", resolve);
    pack.on("error", reject);
  });
  return {
    async add(path, content) {
      const data = Buffer.from(content);
      const header = new Header({ path, mode: 0o600, size: data.length, mtime: modified, type: "File" });
      // Only then has it what an entry is read by.
      header.encode();
      const entry = new ReadEntry(header);
      const packed = new Promise<void>((resolve) => void entry.on("end", resolve));
      pack.write(entry);
      entry.end(data);
      await packed;
    },
    async end() {
      pack.end();
      await ended;
      return Buffer.concat(chunks);
    },
  };
}
