/** What the demo does at a cluster's web front. */
import { once } from "node:events";
import { createInterface } from "node:readline";
import { ask } from "../web/client.ts";
import { openSession } from "../web/session.ts";
import { password, type Surroundings } from "./surroundings.ts";

/** @throws Error when JupyterLab does not let in who has the password, or lets in who has not, or has no Hail */
export async function jupyterAnswers({ address }: Surroundings): Promise<string> {
  const host = await address();
  equal((await ask(443, "/jupyter/", { host })).status, 401, "JupyterLab without the password");
  const { get, enterJupyter } = openSession(443, { host, password });
  equal(await enterJupyter(), 302, "JupyterLab's login");
  const kernels = await get("/jupyter/api/kernelspecs");
  equal(kernels.status, 200, "JupyterLab's kernels");
  const names = Object.keys(JSON.parse(kernels.body).kernelspecs);
  if (!names.includes("hail")) throw new Error(`JupyterLab has no kernel hail: ${names.join(", ")}`);
  equal((await get("/jupyter/lab")).status, 200, "JupyterLab's page");
  return "JupyterLab lets in who has the password, and has a kernel with Hail";
}

/** Leaves the cluster there until Enter is pressed, or its reader goes away, or `signal`. */
export async function lookAround({ folder, address }: Surroundings, signal: AbortSignal): Promise<string> {
  const host = await address();
  const lines = [
    `JupyterLab:     https://${host}/jupyter/   (user hailstack, password ${password}; twice)`,
    `Every page:     https://${host}/`,
    `From elsewhere: ssh -L 8443:${host}:443 <this machine>, then https://localhost:8443/`,
    `A shell:        ssh -i ${folder}/key ubuntu@${host}`,
    "",
    "The certificate is the cluster's own, so a browser warns of it. Enter takes everything down. ",
  ];
  process.stdout.write(lines.join("\n"));
  const typed = createInterface(process.stdin);
  try {
    await Promise.race([once(typed, "line", { signal }), once(typed, "close", { signal })]);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    typed.close();
  }
  return "seen";
}

function equal(actual: number, wanted: number, what: string): void {
  if (actual !== wanted) throw new Error(`${what} answers ${actual}, expected ${wanted}`);
}
