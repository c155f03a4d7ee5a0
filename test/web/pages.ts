/** The pages of a cluster's web front, as a browser shows them. */
import type { Page } from "playwright-core";

/** What a browser must show at each page of a cluster with two workers, besides no fault. */
export type PageOf = {
  name: string;
  path: string;
  /** Texts of the page as it is to be read. */
  shows: readonly RegExp[];
};

export const pages: readonly PageOf[] = [
  { name: "start", path: "/", shows: [/^c1$/m, /Ready: a Hail job has run/, /worker-02/, /Hail job\s+passed/] },
  { name: "spark", path: "/spark/", shows: [/Spark Master at spark:\/\/c1-master:7077/, /Alive Workers: 2/, /hail/i] },
  { name: "sparkhist", path: "/sparkhist/", shows: [/History Server/, /app-\d+-\d+/] },
  { name: "yarn", path: "/yarn/", shows: [/All Applications/, /Active Nodes/] },
  { name: "mapreduce", path: "/mapreduce/", shows: [/JobHistory/, /Retired Jobs/] },
  { name: "hdfs", path: "/hdfs/", shows: [/Overview 'c1-master:9820'/, /Live Nodes\s+2/] },
  { name: "nm01", path: "/nm01/", shows: [/NodeManager information/, /NodeHealthyStatus\s+true/] },
  { name: "netdata", path: "/netdata/", shows: [/c1-master/, /CPU/] },
];

/** Some pages fetch what they show, and some draw it for a while. */
const patienceMs = 60_000;

/** The page's text, as it is to be read, once it matches all of `wanted`; what there is in the end where it never does. */
export async function readUntil(page: Page, wanted: readonly RegExp[]): Promise<string> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const text = await page.innerText("body");
    if (wanted.every((one) => one.test(text)) || performance.now() > deadline) return text;
    await page.waitForTimeout(500);
  }
}
