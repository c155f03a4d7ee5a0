/** Requests of the web front as a program sends them: nothing followed, kept or checked but what a test asks for. */
import { type Agent, request } from "node:https";

export type Answer = { status: number; headers: Readonly<Record<string, string | string[] | undefined>>; body: string };
export type Ask = {
  method?: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  user?: string;
  password?: string;
  /** The address that the request comes from. */
  from?: string;
  host?: string;
  /** Of connections that are kept; without one, each request has its own. */
  agent?: Agent;
};

export const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

/** `path` goes out as it is. A certificate of any kind will do. */
export function ask(port: number, path: string, { user = "hailstack", password, ...more }: Ask = {}): Promise<Answer> {
  const { method = "GET", headers = {}, body, from, host = "127.0.0.1", agent = false } = more;
  return new Promise((resolve, reject) => {
    const sent = request({
      host,
      port,
      path,
      method,
      rejectUnauthorized: false,
      agent,
      ...(from === undefined ? {} : { localAddress: from }),
      headers: { ...(password === undefined ? {} : { authorization: basic(user, password) }), ...headers },
    });
    sent.once("error", reject);
    sent.once("upgrade", ({ statusCode = 0, headers: got }, socket) => {
      socket.destroy();
      resolve({ status: statusCode, headers: got, body: "" });
    });
    sent.once("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("error", reject);
      response.once("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      });
    });
    sent.end(body);
  });
}
