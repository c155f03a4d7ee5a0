/** Projects as people name them: by id, or by name where the cloud tells names. */
import { HailstackError, Exit, type Problem } from "../errors.ts";
import type { Cloud, Project } from "../world.ts";

export type NamedProject = { id: string; /** Absent when it was given by its id. */ name?: string };

/** Keystone's own ids are 32 digits; those from a directory may be longer. */
const isId = (word: string): boolean => /^[0-9a-f]{32,64}$/i.test(word.replaceAll("-", ""));

/** Each of them once. @throws HailstackError (3) with every name that means no project, or several */
export async function findProjects(cloud: Cloud, words: readonly string[]): Promise<NamedProject[]> {
  const found = await Promise.all([...new Set(words)].map((word) => findProject(cloud, word)));
  const problems = found.filter((one): one is Problem => "slug" in one);
  if (problems.length > 0) throw new HailstackError(Exit.preflight, problems);
  const projects = found.filter((one): one is NamedProject => "id" in one);
  return [...new Map(projects.map((project) => [project.id, project])).values()];
}

async function findProject(cloud: Cloud, word: string): Promise<NamedProject | Problem> {
  // Glance believes any id, and policy keeps a project's page from those outside it: it cannot be checked.
  if (isId(word)) return { id: word };
  const { projects, complete } = await cloud.projectsNamed(word);
  const [project, another] = projects;
  if (project && another) return severalOf(word, projects);
  if (project) return { id: project.id, name: word };
  if (complete) {
    return {
      slug: "project-unknown",
      message: `the cloud has no project called '${word}'`,
      fix: "check the name, or give the project's id",
    };
  }
  return {
    slug: "project-name-hidden",
    message: `'${word}' is no project that ${cloud.identity.user} may enter, and this cloud tells no other project's name`,
    fix: "give its id, which someone of that project gets with: openstack token issue -f value -c project_id",
  };
}

const severalOf = (word: string, projects: readonly Project[]): Problem => ({
  slug: "project-ambiguous",
  message: `${projects.length} projects are called '${word}': ${projects.map(({ id, domainId }) => `${id} (domain ${domainId})`).join(", ")}`,
  fix: "give the id of the one that is meant",
});
