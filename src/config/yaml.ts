/** What is used of the package yaml, to be loaded late; why it has a file is told in net/undici.ts. */
export { isMap, LineCounter, parseDocument, Scalar, visit } from "yaml";
