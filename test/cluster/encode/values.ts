/** Values that may come from anywhere, for encoders: the same for the same seed. */
import { Unwritable } from "../../../src/cluster/encode/unwritable.ts";
import { seeded } from "../../config/world.ts";

const letters = "abcXYZ0189";
/** From harmless to hostile; each value is made of one of them. */
const alphabets: readonly string[] = [
  letters,
  `${letters}.:_-/@+,*`,
  `${letters} \t`,
  "\\\\\\\"'`$(){}<>&|;#%!?*~^=[]@:,. ",
  `${letters}\\"'\`$%&<>{}#;= `,
  "äßøŁ漢字 😀🧬e\u0301\u00a0\u2028\ufeff",
  "\u0000\u0001\u0008\t\n\u000b\u000c\r\u001b\u007f\u0085\ufffe ab",
];
/** What real attackers and real accidents look like. */
const known = [
  "",
  " ",
  "$(touch /tmp/canary)",
  "`touch /tmp/canary`",
  "${env:HOME}",
  "${user.name}",
  "]]><script>",
  "<!ENTITY x SYSTEM 'file:///etc/passwd'>",
  "a\nb: c",
  "%n%i%%",
  "\\",
  "\\n",
  "\\u0041",
  "a;b}",
  "'; }",
  "yes",
  "0x10",
  "null",
  "__import__('os')",
  "é",
  "\ud800",
];

/** `count` values that `encode` takes, with their encoded forms; and how many it refused on the way. */
export function takenValues(
  encode: (value: unknown) => string,
  count: number,
  seed: number,
): { values: string[]; encoded: string[]; refused: number } {
  const random = seeded(seed);
  const upTo = (limit: number): number => Math.floor(random() * limit);
  const values: string[] = [];
  const encoded: string[] = [];
  let refused = 0;
  for (let tries = 0; values.length < count; tries += 1) {
    if (tries > 50 * count) throw new Error("it refuses nearly everything");
    const characters = Array.from(alphabets[upTo(alphabets.length)] ?? "");
    const made = Array.from({ length: upTo(24) }, () => characters[upTo(characters.length)] ?? "").join("");
    const value = known[tries] ?? made;
    try {
      encoded.push(encode(value));
      values.push(value);
    } catch (error) {
      if (!(error instanceof Unwritable)) throw error;
      refused += 1;
    }
  }
  return { values, encoded, refused };
}
