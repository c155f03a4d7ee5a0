/** Questions to one project's services with a token that stays good. */
import type { z } from "zod";
import { Exit, failure } from "../errors.ts";
import type { CloudCredentials, CloudIdentity, Env } from "../world.ts";
import { chooseRegion, endpointOf, type Service } from "./catalogue.ts";
import { childEnv } from "./child-env.ts";
import { type Login, logIn, loginName } from "./login.ts";
import { type Asking, refusal, unexpectedAnswer } from "./refusal.ts";
import { type Answer, type Method, send, type Wire } from "./wire.ts";

export type Call = {
  /** Keystone is asked where the login was. */
  service: Service | "identity";
  /** Default GET. */
  method?: Method;
  /** From the version on, with its query: `/servers/detail`. */
  path: string;
  body?: unknown;
  contentType?: string;
  /** The rest of "may not …": `list servers`. */
  what: string;
  /** Statuses of 4xx that are answers, not errors. */
  accept?: readonly number[];
  /** Default: all but POST. */
  repeatable?: boolean;
};

export type Session = {
  readonly identity: CloudIdentity;
  readonly childEnv: Env;
  readonly clockSkewSeconds: number;
  readonly wire: Wire;
  /** @throws HailstackError (3) for every answer that is neither 2xx nor in `accept` */
  ask(call: Call): Promise<Answer>;
  /** @throws HailstackError (3) */
  get<T>(call: Call, shape: z.ZodType<T>): Promise<T>;
  /** As get; undefined when the service says 404. */
  find<T>(call: Call, shape: z.ZodType<T>): Promise<T | undefined>;
};

/** Keystone's own client renews this early: https://docs.openstack.org/keystoneauth/latest/ */
const minTokenLifeMs = 120_000;
/** What Nova of Train and everything newer speaks; older words in answers are gone by then. */
const computeVersion = "compute 2.67";

/** Logs in and picks the region. @throws HailstackError (3) */
export async function openSession(wire: Wire, credentials: CloudCredentials): Promise<Session> {
  const login = await logIn(wire, credentials);
  const region = chooseRegion(login.catalogue, credentials.interface, credentials.region);
  const { user, project, clockSkewSeconds } = login;
  const { authUrl } = credentials;
  const exchange = openExchange(wire, credentials, login, region);
  const asking = ({ service, what }: Call): Asking => ({ service, what, user: user.name, project: project.name });

  async function ask(call: Call): Promise<Answer> {
    const answer = await exchange(call);
    if (answer.status < 400 || call.accept?.includes(answer.status)) return answer;
    throw refusal(answer, asking(call), credentials.secrets);
  }

  function read<T>(call: Call, shape: z.ZodType<T>, answer: Answer): T {
    const result = shape.safeParse(answer.json);
    if (result.success) return result.data;
    throw unexpectedAnswer(asking(call), result.error.issues);
  }

  return {
    identity: { authUrl, user: user.name, userId: user.id, project: project.name, projectId: project.id, region },
    childEnv: childEnv(credentials, { user: user.name, userDomainId: user.domainId, projectId: project.id, region }),
    clockSkewSeconds,
    wire,
    ask,
    get: async (call, shape) => read(call, shape, await ask(call)),
    async find(call, shape) {
      const answer = await ask({ ...call, accept: [404] });
      return answer.status === 404 ? undefined : read(call, shape, answer);
    },
  };
}

/** The way from a call to its answer: the right address, a good token, and its turn. */
function openExchange(
  wire: Wire,
  credentials: CloudCredentials,
  login: Login,
  region: string,
): (call: Call) => Promise<Answer> {
  const tokens = keepToken(wire, credentials, login);
  // One question at a time to each service: several at once make it ask Keystone about the same new token several times,
  // and a Keystone with few workers then stalls everyone for seconds (4 s, measured on Zed).
  const turns = { identity: queue(), compute: queue(), image: queue(), network: queue(), "block-storage": queue() };

  async function exchange(call: Call): Promise<Answer> {
    const base =
      call.service === "identity"
        ? credentials.authUrl
        : endpointOf(login.catalogue, call.service, credentials.interface, region, login.project.id);
    const version = call.service === "compute" ? { "openstack-api-version": computeVersion } : {};
    const question = { ...call, method: call.method ?? "GET", url: base + call.path };
    const withToken = (token: string): Promise<Answer> =>
      send(wire, { ...question, headers: { "x-auth-token": token, ...version } });
    const token = await tokens.good();
    const answer = await withToken(token);
    // Refused for its token, so nothing was done, whatever the method.
    return answer.status === 401 ? withToken(await tokens.after(token)) : answer;
  }
  return (call) => turns[call.service](() => exchange(call));
}

type Tokens = {
  /** A token with enough life left. */
  good(): Promise<string>;
  /** Another one than `refused`. */
  after(refused: string): Promise<string>;
};

function keepToken(wire: Wire, credentials: CloudCredentials, first: Login): Tokens {
  let login = first;
  let renewal: Promise<string> | undefined;
  // A token bought with a token ends with it.
  const canRenew = credentials.auth.kind !== "token";
  async function logInAgain(): Promise<string> {
    login = await logIn(wire, credentials);
    return login.token;
  }
  const renew = (): Promise<string> => {
    renewal ??= logInAgain().finally(() => {
      renewal = undefined;
    });
    return renewal;
  };
  return {
    async good() {
      return canRenew && login.endsAt - wire.now() < minTokenLifeMs ? renew() : login.token;
    },
    async after(refused) {
      if (login.token !== refused) return login.token;
      if (canRenew) return renew();
      const message = `the token of ${loginName(credentials.auth)} has ended`;
      const fix = "get a new one with `openstack token issue`, then run the same command again";
      throw failure(Exit.preflight, "cloud-token-ended", message, fix, { where: credentials.source });
    },
  };
}

type Turn = <T>(work: () => Promise<T>) => Promise<T>;

/** Runs what it is given one after another. */
function queue(): Turn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work, work);
    last = result;
    return result;
  };
}
