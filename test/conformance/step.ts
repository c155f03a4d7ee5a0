/** One REST call of the scenario, as data: the same list is sent to the real cloud and to the simulated one. */
export type Service = "identity" | "compute" | "network" | "image" | "volume";

export type Step = {
  /** Unique; names the answer in the recording. */
  name: string;
  service: Service;
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below the service's own root. `{name}` stands for a variable here and in `body`. */
  path: string;
  /** Microversion, of Nova only; none is sent when absent. */
  version?: string;
  body?: unknown;
  /** Sent as it stands instead of `body`, for bodies that are not JSON. */
  rawBody?: string;
  /** Of the body; JSON by default. */
  contentType?: string;
  /** Variable that holds the token; the main one by default, `null` sends none. */
  token?: string | null;
  /** Sends the token a second time, as the one the question is about. */
  subject?: true;
  /** Variables to keep from the answer: a path into the body (`volume.id`, `flavors[name=m2.tiny].id`) or `header:x`. */
  save?: Readonly<Record<string, string>>;
  /** Repeats the call until the path holds the value, or until the status is this one; the last answer counts. */
  until?: { path: string; is: string | null } | { status: number };
  /** Which items are in the answer depends on the cloud, so only their keys and types are compared. */
  itemsOfOthers?: true;
  /** Keys that depend on how far a background job has come; they are left out of the comparison. */
  timing?: readonly string[];
};

type More = Partial<Omit<Step, "name" | "service" | "method" | "path">>;

/** Short forms for one service, so that a scenario reads as a list of calls. */
export const callsOf = (service: Service) => ({
  get: (name: string, path: string, more: More = {}): Step => ({ name, service, method: "GET", path, ...more }),
  post: (name: string, path: string, body: unknown, more: More = {}): Step => ({
    name,
    service,
    method: "POST",
    path,
    body,
    ...more,
  }),
  put: (name: string, path: string, body: unknown, more: More = {}): Step => ({
    name,
    service,
    method: "PUT",
    path,
    body,
    ...more,
  }),
  patch: (name: string, path: string, body: unknown, more: More = {}): Step => ({
    name,
    service,
    method: "PATCH",
    path,
    body,
    ...more,
  }),
  del: (name: string, path: string, more: More = {}): Step => ({ name, service, method: "DELETE", path, ...more }),
});

/** A well-formed id that nothing has. */
export const nobody = "00000000-1111-4222-8333-444444444444";
