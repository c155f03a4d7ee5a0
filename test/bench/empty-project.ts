/** Takes everything away that a run left in a project of its own. */
import { z } from "zod";
import { many } from "./answers.ts";
import type { Session } from "./lab-place.ts";

/** In the order in which nothing stands in the way of the next. */
const networkKinds = ["floatingips", "ports", "security-groups"] as const;
const Keypairs = z.object({ keypairs: z.array(z.object({ keypair: z.object({ name: z.string() }) })) });

/** Also what is still being made: it looks again until there are no servers. */
export async function emptyProject({ call, roots, projectId }: Session): Promise<void> {
  const compute = `${roots.compute}/v2.1`;
  await removeServers(call, compute);
  for (const kind of networkKinds) {
    const root = `${roots.network}/v2.0/${kind}`;
    const found = many(await call("GET", `${root}?project_id=${projectId}`));
    for (const { id, name } of found) if (name !== "default") await call("DELETE", `${root}/${id}`);
  }
  for (const { id } of many(await call("GET", `${compute}/os-server-groups`))) {
    await call("DELETE", `${compute}/os-server-groups/${id}`);
  }
  for (const { keypair } of Keypairs.parse(await call("GET", `${compute}/os-keypairs`)).keypairs) {
    await call("DELETE", `${compute}/os-keypairs/${keypair.name}`);
  }
}

async function removeServers(call: Session["call"], compute: string): Promise<void> {
  const servers = async () => many(await call("GET", `${compute}/servers`));
  const asked = new Set<string>();
  for (let left = await servers(); left.length > 0; left = await servers()) {
    for (const { id } of left.filter((server) => !asked.has(server.id))) {
      asked.add(id);
      await call("DELETE", `${compute}/servers/${id}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
