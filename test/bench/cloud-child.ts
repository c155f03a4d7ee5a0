/** A simulated cloud in a process of its own. Its options come as the only argument; it tells its variables, then answers. */
import { startCloud } from "../support/cloud/cloud.ts";
import type { CloudOptions } from "../support/cloud/options.ts";

/** What the parent may ask; each is answered by one message. */
export type Question = "journal" | "lookup";
export type JournalEntry = { operation: string; method: string };
export type Lookup = { imageId: string; networkId: string; flavours: Record<string, string> };

const [, , text = "{}"] = process.argv;
// Written by cloud-apart.ts from a value of this type.
const cloud = await startCloud(JSON.parse(text) as CloudOptions);

const answers: Record<Question, () => unknown> = {
  journal: () => cloud.journal.map(({ operation, method }): JournalEntry => ({ operation, method })),
  lookup: (): Lookup => ({
    imageId: [...cloud.state.images.keys()][0] ?? "",
    networkId: [...cloud.state.networks.values()].find(({ name }) => name === "cloudforms_network")?.id ?? "",
    flavours: Object.fromEntries([...cloud.state.flavours.values()].map(({ name, id }) => [name, id])),
  }),
};
process.on("message", (question: Question) => process.send?.(answers[question]()));
process.on("disconnect", () => process.exit());
process.send?.(cloud.env);
