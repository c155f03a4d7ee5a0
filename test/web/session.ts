/** What a browser does for a page's scripts, for programs that have none: keeps cookies, and fills Jupyter's login form. */
import { ask, type Answer, type Ask } from "./client.ts";

export type Session = {
  get(path: string, more?: Ask): Promise<Answer>;
  /** As the form of its login page does it, behind the web front's own password; the status, 302 for who is in. */
  enterJupyter(): Promise<number>;
};

/** `usual` goes with every request. */
export function openSession(port: number, usual: Ask & { password: string }): Session {
  const cookies = new Map<string, string>();
  async function get(path: string, more: Ask = {}): Promise<Answer> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { ...usual.headers, ...(cookie ? { cookie } : {}), ...more.headers };
    const answer = await ask(port, path, { ...usual, ...more, headers });
    for (const line of answer.headers["set-cookie"] ?? []) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    return answer;
  }
  return {
    get,
    async enterJupyter() {
      await get("/jupyter/login");
      const body = new URLSearchParams({ password: usual.password, _xsrf: cookies.get("_xsrf") ?? "" }).toString();
      const headers = { "content-type": "application/x-www-form-urlencoded", "content-length": String(body.length) };
      return (await get("/jupyter/login", { method: "POST", body, headers })).status;
    },
  };
}
