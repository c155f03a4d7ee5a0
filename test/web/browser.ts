/** A real browser before a cluster's web front, as somebody who has the password: what it shows, and what goes amiss. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { checkout } from "../support/checkout.ts";

export type Window = {
  page: Page;
  /** Opens a page; again when Chromium has dropped it because of a network that is none of the cluster's. */
  visit(path: string): Promise<void>;
  /** What has gone wrong since it was last asked: requests, scripts, the console; without what is known. */
  faults(): string[];
  /** Keeps what is to be seen now as `<number>-<name>.png` in `pictures`. */
  picture(name: string): Promise<void>;
  close(): Promise<void>;
};

/** Where the pictures of a run are kept; those of the run before go. */
export const pictures = process.env["HAILSTACK_TEST_PICTURES"] ?? join(checkout, "test-output/browser");

/** What goes amiss on other people's pages, with the reason why it is none of ours. */
const known: readonly { text: RegExp; why: string }[] = [
  {
    text: /https:\/\/cdn\.bokeh\.org\//,
    why: "hl.init() has a notebook load what draws Hail's plots from its makers, whom a test does not reach",
  },
  {
    text: /https:\/\/(?:registry\.my-netdata\.io|api\.github\.com\/repos\/netdata|netdata-news\.cdn\.prismic\.io)\//,
    why: "Netdata's page would ask its makers, and the web front does not let it",
  },
  {
    text: /net::ERR_NETWORK_CHANGED/,
    why: "another bed on this machine has come or gone with its network, and Chromium drops what is under way",
  },
  {
    text: /^net::ERR_ABORTED: https:\/\/[^/]+\/(?:jupyter\/|jupyter\/lab\/|netdata\/+)api\//,
    why: "JupyterLab and Netdata ask how things are all the time, and are left in the middle of it",
  },
];

/** `executable` is Chromium's path. A certificate of any kind will do. */
export async function openWindow(executable: string, host: string, password: string): Promise<Window> {
  rmSync(pictures, { recursive: true, force: true });
  mkdirSync(pictures, { recursive: true });
  process.stderr.write(`pictures of the browser: ${pictures}\n`);
  // As root Chromium has no sandbox; it sees no page but the cluster's.
  const browser = await chromium.launch({ executablePath: executable, args: ["--no-sandbox"] });
  const context = await browser.newContext({
    baseURL: `https://${host}`,
    ignoreHTTPSErrors: true,
    httpCredentials: { username: "hailstack", password },
    viewport: { width: 1360, height: 900 },
    locale: "en-GB",
  });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  let seen: string[] = [];
  const note = (text: string) => void seen.push(text);
  context.on("requestfailed", (request) => note(`${request.failure()?.errorText ?? "failed"}: ${request.url()}`));
  context.on("response", (response) => {
    if (response.status() >= 400) note(`status ${response.status()}: ${response.url()}`);
  });
  context.on("console", (message) => {
    if (message.type() === "error") note(`console: ${message.text()} (${message.location().url})`);
  });
  context.on("weberror", (error) => note(`script: ${error.error().message} (${error.page()?.url() ?? ""})`));
  let number = 0;
  return {
    page,
    async visit(path) {
      for (let left = 5; ; left -= 1) {
        try {
          await page.goto(path);
          return;
        } catch (error) {
          // Chromium loads the page that it has dropped by itself too, which gets in the way of the next.
          const dropped = /ERR_NETWORK_CHANGED|interrupted by another navigation/.test(String(error));
          if (!dropped || left === 0) throw error;
          await page.waitForTimeout(1000);
        }
      }
    },
    faults() {
      const found = seen.filter((text) => !known.some((one) => one.text.test(text)));
      seen = [];
      return found;
    },
    async picture(name) {
      number += 1;
      await page.screenshot({ path: join(pictures, `${String(number).padStart(2, "0")}-${name}.png`) });
    },
    close: () => browser.close(),
  };
}
