import * as pulumi from "@pulumi/pulumi";
import { beforeEach, expect, test } from "vitest";
import { detached } from "../../src/pulumi/detached.ts";

class Thing extends pulumi.CustomResource {
  constructor(name: string) {
    super("test:index:Thing", name, {}, {});
  }
}

/** What the SDK looks at when it records where an input came from; its types leave it out. */
type Inner = { isKnown: Promise<boolean>; allResources(): Promise<Set<unknown>>; promise(): Promise<unknown> };
const inner = (output: unknown) => output as Inner;

async function mocks(preview: boolean): Promise<void> {
  const newResource = ({ name }: { name: string }) => ({ id: preview ? undefined : `id of ${name}`, state: {} });
  await pulumi.runtime.setMocks({ newResource, call: ({ inputs }) => inputs }, "project", "stack", preview);
}

beforeEach(() => mocks(false));

test("a detached value is the same and came from nowhere", async () => {
  const { id } = new Thing("one");

  expect((await inner(id).allResources()).size).toBe(1);
  expect((await inner(detached(id)).allResources()).size).toBe(0);
  expect(await inner(detached(id)).promise()).toBe("id of one");
});

test("what follows from a detached value came from nowhere either", async () => {
  const { id } = new Thing("one");
  const longer = detached(id).apply((text) => `${text}!`);

  expect((await inner(longer).allResources()).size).toBe(0);
  expect(await inner(longer).promise()).toBe("id of one!");
});

test("what a preview cannot know stays unknown, and nothing is computed from it", async () => {
  await mocks(true);
  let computed = 0;
  const longer = detached(new Thing("one").id).apply(() => (computed += 1));

  expect(await inner(longer).isKnown).toBe(false);
  expect(computed).toBe(0);
});
