/** clouds.yaml as text: an entry put into one, everything else in it kept. Pure. */
import type { Document, YAMLMap } from "yaml";
import { Exit, failure } from "../errors.ts";
import type { CloudEntry } from "./openrc.ts";

/**
 * `text` with the entry `name` set to `entry`; other clouds, comments and order stay. Without `text` a new file.
 * @throws HailstackError (2) when `text` is no clouds.yaml; none of it is quoted
 */
export async function withCloud(
  text: string | undefined,
  name: string,
  entry: CloudEntry,
  path: string,
): Promise<string> {
  const { LineCounter, isMap, parseDocument } = await import("./yaml.ts");
  const lines = new LineCounter();
  // Every scalar is text here, so that what other clouds say is written back as it was, be it 012 or 1_000.
  const document: Document = parseDocument(text ?? "", {
    schema: "failsafe",
    prettyErrors: false,
    lineCounter: lines,
  });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw notClouds(`it is not valid YAML (${error.code})`, `${path}:${line}:${col}`);
  }
  document.contents ??= document.createNode({});
  if (!isMap(document.contents)) throw notClouds("its top level is not a mapping", path);
  const clouds = document.get("clouds", true);
  if (clouds !== undefined && !isMap(clouds) && !isEmpty(clouds)) throw notClouds("its `clouds` is no mapping", path);
  if (!isMap(clouds)) document.set("clouds", document.createNode({}));
  document.setIn(["clouds", name], await entryNode(document, entry));
  try {
    return document.toString({ lineWidth: 0 });
  } catch (cause) {
    // An anchor inside the replaced entry, used elsewhere, has gone with it.
    const fix = `write the entry '${name}' without a YAML anchor, or choose another name with --cloud`;
    throw failure(Exit.usage, "clouds-yaml-anchor", `other clouds refer to the entry '${name}'`, fix, {
      where: path,
      cause,
    });
  }
}

/** `clouds:` with nothing after it. */
function isEmpty(node: unknown): boolean {
  return typeof node === "object" && node !== null && "value" in node && node.value === "";
}

/** Words that mean something else than themselves to YAML 1.1, which Python reads. */
const notText = /^(y|n|yes|no|on|off|true|false|null)$/i;

/** What could be read as anything but text is quoted. */
async function entryNode(document: Document, entry: CloudEntry): Promise<YAMLMap> {
  const { Scalar, visit } = await import("./yaml.ts");
  const { verify, ...texts } = entry;
  const node: YAMLMap<unknown, unknown> = document.createNode(texts);
  visit(node, {
    Scalar(key, scalar) {
      if (key === "key" || typeof scalar.value !== "string") return;
      const isPlain = /^[A-Za-z][\w./@:-]*$/.test(scalar.value) && !notText.test(scalar.value);
      scalar.type = isPlain ? Scalar.PLAIN : Scalar.QUOTE_DOUBLE;
    },
  });
  // After the quoting: this one is to be read as a truth.
  if (verify !== undefined) node.set("verify", String(verify));
  return node;
}

function notClouds(what: string, where: string): Error {
  const fix = "mend the file, or move it away and run convert-auth again";
  return failure(Exit.usage, "clouds-yaml-invalid", `cannot add a cloud to the file: ${what}`, fix, { where });
}
