/** XML, as Hadoop reads it, and HTML. */
import { refuse, textOf } from "./unwritable.ts";

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  // A reader would make a line feed of it.
  "\r": "&#13;",
};
const escaped = (text: string): string => text.replaceAll(/[&<>"'\r]/g, (character) => entities[character] ?? "");

// What XML 1.0 has no way to write at all.
// oxlint-disable-next-line no-control-regex -- these are what it is about
const notInXml = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/** Text of an element or of an attribute in quotes. @throws Unwritable */
export function html(value: unknown): string {
  const text = textOf(value);
  refuse(text, notInXml, "a control character");
  return escaped(text);
}

/** Text of a Hadoop property, which expands `${…}` and has no way to say that it shall not. @throws Unwritable */
export function hadoopXml(value: unknown): string {
  const text = textOf(value);
  refuse(text, notInXml, "a control character");
  refuse(text, /\$\{/, "'${', which Hadoop would expand");
  return escaped(text);
}
