/** The part of @iarna/toml that hailstack loads; the whole brings stream parsers and a writer. */
declare module "@iarna/toml/parse-string.js" {
  /** @throws an error whose message quotes the file: it must not be shown */
  export default function parse(text: string): object;
}
