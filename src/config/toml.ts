/** TOML text → plain data, and where everything in it stands. */
import type { Fault, Located } from "./faults.ts";
import { positionsOf } from "./positions.ts";
import { parseTree, type Tree } from "./toml-tree.ts";
import { dataOf, type Table } from "./toml-data.ts";

export type TomlFile = {
  /** As the user named it. */
  readonly path: string;
  readonly data: Table;
  /** Keys defined twice, and what is nested too deeply; both are left out of `data`. */
  readonly faults: readonly Located[];
  locate(faults: readonly Fault[]): Located[];
};

/** @throws HailstackError (2) `toml-syntax` or `toml-too-deep` with `path:line:col`, never quoting the text */
export async function parseToml(path: string, text: string): Promise<TomlFile> {
  const { tree, skip, inFile, faults } = await readForm(path, text);
  const { data, deep } = dataOf(tree, skip);
  // Nobody may ever ask, so the places are gathered at the first question.
  let positions: ReturnType<typeof positionsOf> | undefined;
  const locate = (more: readonly Fault[]): Located[] => {
    positions ??= positionsOf(path, text, tree, inFile);
    return more.map(positions);
  };
  return { path, data, faults: [...faults, ...(deep.length === 0 ? [] : locate(deep))], locate };
}

type Form = {
  tree: Tree;
  /** Keys of the tree that are not the file's. */
  skip: ReadonlySet<string>;
  /** An offset of the tree → the same place in the file. */
  inFile: (offset: number) => number;
  faults: readonly Located[];
};

async function readForm(path: string, text: string): Promise<Form> {
  let trouble: unknown;
  try {
    return { tree: parseTree(text), skip: new Set(), inFile: (offset) => offset, faults: [] };
  } catch (error) {
    trouble = error;
  }
  const { mendDuplicates } = await import("./toml-duplicates.ts");
  const mended = trouble instanceof RangeError ? undefined : mendDuplicates(path, text);
  if (mended !== undefined) return mended;
  const { syntaxError } = await import("./toml-trouble.ts");
  throw syntaxError(path, text, trouble);
}
