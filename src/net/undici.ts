/**
 * What is used of undici, to be loaded late. The bundle gives a CommonJS package that is itself loaded late no names,
 * only a default; written out here, they are there.
 */
export { Agent, fetch, ProxyAgent } from "undici";
