/** Files of lines: properties, environments, units, nginx, Netdata, hosts, exports. */
import { controls, refuse, textOf, Unwritable } from "./unwritable.ts";

/** A value in spark-defaults.conf: Java's properties, trimmed, with `${…}` expanded by Spark. @throws Unwritable */
export function sparkProperty(value: unknown): string {
  const text = textOf(value);
  refuse(text, controls, "a control character");
  refuse(text, /\$\{/, "'${', which Spark would expand");
  refuseEdges(text);
  // Java 8 and older read these files as Latin-1.
  return (
    text
      .replaceAll("\\", "\\\\")
      // The blanks before it do not keep it from being the sign between name and value.
      .replace(/^[=:]/, "\\$&")
      .replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
  );
}

/**
 * Within the double quotes of a value in a systemd EnvironmentFile, or of an assignment in sh: the same there.
 * @throws Unwritable
 */
export function environment(value: unknown): string {
  const text = textOf(value);
  refuse(text, controls, "a control character");
  return text.replaceAll(/[\\"`$]/g, (character) => `\\${character}`);
}

/** Within quotes of either kind in nginx's configuration, where `$` always begins a variable. @throws Unwritable */
export function nginx(value: unknown): string {
  const text = textOf(value);
  refuse(text, controls, "a control character");
  refuse(text, /\$/, "'$', which nginx would take for a variable");
  return text.replaceAll(/[\\"']/g, (character) => `\\${character}`);
}

/** One word of a setting in a unit, which expands `%` and in commands `$`. @throws Unwritable */
export function unit(value: unknown): string {
  const text = textOf(value);
  refuse(text, controls, "a control character");
  refuse(text, /[\s"'\\$;#]/, "a character that means something in a unit");
  return text.replaceAll("%", "%%");
}

/**
 * A value in Netdata's and systemd's own settings, which know no escapes: letters, digits, single spaces and what no
 * version of theirs takes for anything else. @throws Unwritable
 */
export function ini(value: unknown): string {
  const text = textOf(value);
  refuse(text, /[^A-Za-z0-9 ._:/@+,*-]/, "a character that settings of this kind cannot quote");
  refuseEdges(text);
  if (text.includes("  ")) throw new Unwritable("it holds two spaces in a row");
  return text;
}

/** A name or an address on a line of its own kind: hosts, lists of hosts. @throws Unwritable */
export function word(value: unknown): string {
  const text = textOf(value);
  refuse(text, /[^A-Za-z0-9._:-]/, "a character that no host name or address has");
  return text;
}

/** A field of fstab or exports, which write blanks as octal numbers. @throws Unwritable */
export function field(value: unknown): string {
  const text = textOf(value);
  // A tab and a line feed have a form, but no path of ours may hold one.
  refuse(text, controls, "a control character");
  return text.replaceAll(/[\s\\#"]/g, (character) =>
    Array.from(Buffer.from(character), (byte) => `\\${byte.toString(8).padStart(3, "0")}`).join(""),
  );
}

/** A file that is nothing but the value, to the byte. @throws Unwritable */
export function verbatim(value: unknown): string {
  const text = textOf(value);
  refuse(text, /[\0\n\r]/, "an end of line");
  return text;
}

/** Certificates and keys in PEM, which are lines of their own kind. @throws Unwritable */
export function pem(value: unknown): string {
  const text = textOf(value);
  refuse(text, /[^ -~\n]/, "a character that no certificate or key in PEM has");
  return text.trimEnd();
}

function refuseEdges(text: string): void {
  if (text !== text.trim()) throw new Unwritable("it begins or ends with a blank, which would be lost");
}
