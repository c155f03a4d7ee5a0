/** What the demo does at a cluster's web front. */
import { once } from "node:events";
import { createInterface } from "node:readline";
import { ask, type Ask } from "../web/client.ts";
import { password, type Surroundings } from "./surroundings.ts";

/** @throws Error when JupyterLab does not let in who has the password, or lets in who has not, or has no Hail */
export async function jupyterAnswers({ address }: Surroundings): Promise<string> {
  const host = await address();
  const get = (path: string, more: Ask = {}) => ask(443, path, { host, ...more });
  equal((await get("/jupyter/")).status, 401, "JupyterLab without the password");
  const cookies = await logIn(get);
  const kernels = await get("/jupyter/api/kernelspecs", { password, headers: { cookie: cookies } });
  equal(kernels.status, 200, "JupyterLab's kernels");
  const names = Object.keys(JSON.parse(kernels.body).kernelspecs);
  if (!names.includes("hail")) throw new Error(`JupyterLab has no kernel hail: ${names.join(", ")}`);
  equal((await get("/jupyter/lab", { password, headers: { cookie: cookies } })).status, 200, "JupyterLab's page");
  return "JupyterLab lets in who has the password, and has a kernel with Hail";
}

/** As the form of Jupyter's page does it, behind the web front's own password; the cookies of who is in. */
async function logIn(get: (path: string, more?: Ask) => ReturnType<typeof ask>): Promise<string> {
  const cookies = new Map<string, string>();
  const header = () => [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  async function send(path: string, more: Ask = {}) {
    const answer = await get(path, { password, ...more, headers: { cookie: header(), ...more.headers } });
    for (const line of answer.headers["set-cookie"] ?? []) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    return answer.status;
  }
  await send("/jupyter/login");
  const body = new URLSearchParams({ password, _xsrf: cookies.get("_xsrf") ?? "" }).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded", "content-length": String(body.length) };
  equal(await send("/jupyter/login", { method: "POST", body, headers }), 302, "JupyterLab's login");
  return header();
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
