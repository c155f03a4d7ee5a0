/** What is used of the package hash-wasm, to be loaded late; why it has a file is told in net/undici.ts. */
export { argon2id, bcrypt } from "hash-wasm";
