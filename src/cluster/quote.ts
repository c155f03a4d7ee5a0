/** Arguments as a POSIX shell reads them back: sshd gives every command to the login shell as one line. */

/** A command line that any POSIX shell parts into exactly these words. @throws RangeError for a NUL, which none can hold */
export function quoteArgv(argv: readonly string[]): string {
  return argv.map(quoteWord).join(" ");
}

/** Every word, plain ones too: `if` is one, and so may be the name of an alias. */
export function quoteWord(word: string): string {
  if (word.includes("\0")) throw new RangeError("an argument cannot hold a NUL");
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
