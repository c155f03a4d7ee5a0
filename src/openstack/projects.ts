/** Projects in Keystone: https://docs.openstack.org/api-ref/identity/v3/#projects */
import * as z from "zod";
import type { Cloud, Project } from "../world.ts";
import type { Session } from "./session.ts";

const Projects = z.object({
  projects: z.array(
    z
      .object({ id: z.string(), name: z.string(), domain_id: z.string() })
      .transform(({ id, name, domain_id }): Project => ({ id, name, domainId: domain_id })),
  ),
});

/** Where policy keeps the list of all to administrators, those that the user may enter are looked through. */
export async function projectsNamed(session: Session, name: string): ReturnType<Cloud["projectsNamed"]> {
  const ask = (path: string) =>
    session.ask({ service: "identity", path, what: "look for a project by its name", accept: [403, 404] });
  const read = (json: unknown): Project[] | undefined =>
    Projects.safeParse(json).data?.projects.filter((project) => project.name === name);
  const all = read((await ask(`/projects?${new URLSearchParams({ name })}`)).json);
  if (all !== undefined) return { projects: all, complete: true };
  return { projects: read((await ask("/auth/projects")).json) ?? [], complete: false };
}
