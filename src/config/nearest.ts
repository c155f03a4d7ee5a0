/** The known name a mistyped one was probably meant to be. */

/** undefined when nothing is near: at most a third of the characters may differ, and no more than three. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (name.length > 64) return undefined;
  const limit = Math.min(3, Math.max(1, Math.floor(name.length / 3)));
  let best: { name: string; edits: number } | undefined;
  for (const each of known) {
    // So many edits it takes at least; most names are that far away already.
    if (Math.abs(name.length - each.length) > limit) continue;
    const edits = editDistance(name.toLowerCase(), each);
    if (edits <= limit && (best === undefined || edits < best.edits)) best = { name: each, edits };
  }
  return best?.name;
}

/** Characters to insert, delete, exchange or swap with their neighbour (optimal string alignment). */
function editDistance(from: string, to: string): number {
  let older: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      let edits = Math.min(
        at(current, column - 1) + 1,
        at(previous, column) + 1,
        at(previous, column - 1) + (same ? 0 : 1),
      );
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (row > 1 && column > 1 && swapped) edits = Math.min(edits, at(older, column - 2) + 1);
      current.push(edits);
    }
    older = previous;
    previous = current;
  }
  return at(previous, to.length);
}

const at = (row: readonly number[], column: number): number => row[column] ?? Infinity;
