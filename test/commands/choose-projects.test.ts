import { expect, test } from "vitest";
import { findProjects } from "../../src/commands/choose-projects.ts";
import type { Cloud, Project } from "../../src/world.ts";
import { refusalOf } from "../support/errors.ts";

const [one, two] = ["1".repeat(32), "2".repeat(32)] as const;

/** A cloud with these projects, which tells all names, or only those of projects that the user may enter. */
function cloudWith(projects: Project[], complete = true): Cloud & { asked: string[] } {
  const asked: string[] = [];
  const cloud = {
    asked,
    identity: { user: "ann" },
    async projectsNamed(name: string) {
      asked.push(name);
      return { projects: projects.filter((project) => project.name === name), complete };
    },
  };
  return cloud as unknown as Cloud & { asked: string[] };
}
const genomes = { id: one, name: "genomes", domainId: "d1" };

test("an id is taken as it is, a name is looked up, and each project comes once", async () => {
  const cloud = cloudWith([genomes]);

  expect(await findProjects(cloud, [two, "genomes", "genomes", two])).toEqual([
    { id: two },
    { id: one, name: "genomes" },
  ]);
  expect(cloud.asked).toEqual(["genomes"]);
});

test.for([
  { when: "there is none", cloud: cloudWith([]), slug: "project-unknown" },
  { when: "the cloud does not tell", cloud: cloudWith([], false), slug: "project-name-hidden" },
  {
    when: "two domains have one",
    cloud: cloudWith([genomes, { ...genomes, id: two, domainId: "d2" }]),
    slug: "project-ambiguous",
  },
])("a name is refused when $when, each in one go", async ({ cloud, slug }) => {
  const { exitCode, problems } = await refusalOf(findProjects(cloud, ["genomes", "other", "genomes"]));

  expect(exitCode).toBe(3);
  expect(problems.map((problem) => problem.slug)).toEqual([
    slug,
    slug === "project-ambiguous" ? "project-unknown" : slug,
  ]);
  expect(problems[0]?.message).toContain("'genomes'");
});
