import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { dotted } from "../../src/config/faults.ts";
import { configJsonSchema, liveFields, referenceTable } from "../../src/config/reference.ts";
import { allFields } from "../../src/config/tree.ts";

test("hailstack.schema.json is what the schema says (npm run generate)", () => {
  const file = readFileSync(new URL("../../hailstack.schema.json", import.meta.url), "utf8");

  expect(`${JSON.stringify(configJsonSchema(), null, 2)}\n`).toBe(file);
});

/** The schema's own tables, walked without any knowledge of ours. */
function properties(schema: unknown, path: string[] = []): [string, object][] {
  const tables = Object.entries(Object(Object(schema).properties));
  return tables.flatMap(([key, value]): [string, object][] => {
    const here = [...path, key];
    return Object(value).properties === undefined ? [[here.join("."), Object(value)]] : properties(value, here);
  });
}

test("editors get a description and an example for every field, and a pattern where any text would be wrong", () => {
  const found = new Map(properties(configJsonSchema()));

  expect([...found.keys()]).toEqual(allFields().map(({ path }) => path.join(".")));
  for (const schema of found.values()) {
    expect(schema).toMatchObject({
      description: expect.stringMatching(/\. On a live cluster: /),
      examples: [expect.anything()],
    });
  }
});

test.for([
  { field: "cluster.name", good: ["c1", "$NAME", "${A}-b"], bad: ["C1", "c"] },
  { field: "cluster.network_name", good: ["Ubuntu 22.04", "", "réseau"], bad: ["a;b", "-x"] },
  { field: "cluster.monitoring", good: ["none", "$M"], bad: ["maybe"] },
  { field: "security_groups.allowed_cidrs", good: ["10.0.0.0/8"], bad: ["10.0.0.0"] },
])("editors accept $good for $field, not $bad", ({ field, good, bad }) => {
  const schema = Object(Object.fromEntries(properties(configJsonSchema()))[field]);
  const { pattern, anyOf } = schema.items ?? schema;
  const fits = (text: string): boolean =>
    anyOf === undefined
      ? new RegExp(pattern, "u").test(text)
      : anyOf[0].enum.includes(text) || new RegExp(anyOf[1].pattern, "u").test(text);

  expect(good.filter((text) => !fits(text))).toEqual([]);
  expect(bad.filter(fits)).toEqual([]);
});

test("unknown keys are wrong in editors too, and [cluster] is required", () => {
  const schema = configJsonSchema();

  expect(schema).toMatchObject({
    additionalProperties: false,
    required: ["cluster"],
    $schema: "https://json-schema.org/draft/2020-12/schema",
  });
  expect(Object(schema["properties"]).cluster).toMatchObject({
    additionalProperties: false,
    required: ["name", "master_flavour"],
  });
});

test("the reference has one row for each field, below the heading of its table", () => {
  const rows = new Map<string, string>();
  let heading = "";
  for (const line of referenceTable().split("\n")) {
    heading = /^### `\[(.+)\]`$/.exec(line)?.[1] ?? heading;
    const key = /^\| `(\w+)` \| /.exec(line)?.[1];
    if (key !== undefined) rows.set(`${heading}.${key}`, line);
  }

  expect([...rows.keys()].sort()).toEqual(
    allFields()
      .map(({ path }) => dotted(path))
      .sort(),
  );
  expect(rows.get("volumes.size_gb")).toBe(
    "| `size_gb` | Size of the volume that is made. | integer (GiB) | `100` | changed in place: the volume grows; a smaller size is refused, as volumes cannot shrink |",
  );
  expect(rows.get("ceph_s3.secret_key")).toContain("| string, secret |");
  expect(rows.get("security_groups.master.http")).toContain("`true`; `false` where the table leaves it out");
});

test("every field says what it is for and what changing it does, each in one plain sentence", () => {
  for (const { about } of allFields()) {
    expect(about.meaning).toMatch(/^[A-Z][^\n|]*\.$/);
    expect(about.why).toMatch(/^[a-z][^\n|]*[^.]$/);
  }
  expect(liveFields().filter(({ effect }) => effect === "workers")).toMatchObject([{ field: "cluster.num_workers" }]);
});
