/** What the demo shows, and what must be true after each command. */
import type { SimulatedCloud } from "../support/cloud/cloud.ts";
import { jupyterAnswers, lookAround } from "./visits.ts";
import type { Surroundings } from "./surroundings.ts";

export type Step = Command | Visit;
/** A run of the command line. */
export type Command = {
  title: string;
  /** A change of cluster.toml before the command. */
  edit?: { from: string; to: string };
  args: readonly string[];
  /** Judges the cloud after it; says what was found. @throws Error when that is not as it should be */
  check(seen: Seen): string;
};
/** Something at the cluster. */
export type Visit = {
  title: string;
  /** Says what was found. @throws Error when that is not as it should be */
  visit(around: Surroundings, signal: AbortSignal): Promise<string>;
};

export type Objects = ReturnType<SimulatedCloud["objects"]>;
export type Seen = {
  /** Ids by kind, before the first command. */
  first: Objects;
  before: Objects;
  after: Objects;
  /** How many calls of this command could change something. */
  writes: number;
  calls: number;
};

const files = ["--config", "cluster.toml", "--dotenv", ".env"];

/** Of a cluster whose servers are real nodes, or nothing but their names; `wait` leaves it there until Enter. */
export const stepsOf = (real: boolean, wait: boolean): readonly Step[] =>
  real
    ? [
        ...making({
          title: "Make it, and wait until it is a cluster: in the end a Hail job runs on every worker.",
          workers: 2,
          volume: "no volume",
          how: ["--ssh-key", "key"],
        }),
        ...looking,
        { title: "Is there JupyterLab?", visit: jupyterAnswers },
        ...(wait ? [{ title: "Look around.", visit: lookAround }] : []),
        ...ending,
      ]
    : [
        ...making({ title: "Make it.", workers: 3, volume: "1 volume", how: ["--no-wait"] }),
        growing(3, 2),
        ...looking,
        ...ending,
      ];

/** `how` tells `create` to wait until the servers are a cluster, or not to. */
type Making = { title: string; workers: number; volume: "no volume" | "1 volume"; how: readonly string[] };
const making = ({ title, workers, volume, how }: Making): Command[] => [
  {
    title: "What would be made? Checked against the cloud and shown; nothing is written anywhere.",
    args: ["create", ...files, "--dry-run"],
    check: onlyRead,
  },
  {
    title,
    args: ["create", ...files, ...how],
    check: ({ after }) => {
      equal(count(after, "servers"), workers + 1, "servers");
      equal(count(after, "volumes"), volume === "1 volume" ? 1 : 0, "volumes");
      equal(count(after, "floatingIps"), 1, "floating IPs");
      return `the cloud now holds ${workers + 1} servers, ${volume} and 1 floating IP`;
    },
  },
  {
    title: "The same again: a cluster that is as its config says stays as it is.",
    args: ["create", ...files, ...how],
    check: onlyRead,
  },
];

const growing = (workers: number, more: number): Command => ({
  title: "More workers: the config says so, and the same command makes them.",
  edit: { from: `num_workers = ${workers}`, to: `num_workers = ${workers + more}` },
  args: ["create", ...files, "--no-wait"],
  check: ({ before, after }) => {
    equal(count(after, "servers"), workers + more + 1, "servers");
    equal(missing(before, after).length, 0, "things that were there and are gone");
    return `the cloud now holds ${workers + more + 1} servers; nothing that was there was touched or replaced`;
  },
});

const looking: readonly Command[] = [
  { title: "How is it?", args: ["status", ...files], check: onlyRead },
  { title: "Which clusters are there?", args: ["list", ...files], check: onlyRead },
];

const ending: readonly Command[] = [
  {
    title: "Remove it. (Without --yes it asks for the cluster's name.)",
    args: ["destroy", ...files, "--yes", "demo"],
    check: ({ first, after }) => {
      equal(missing(after, first).length, 0, "things left behind");
      equal(missing(first, after).length, 0, "things gone that were not its own");
      return "the cloud holds exactly what it held before the demo: nothing is left, nothing else is gone";
    },
  },
];

function onlyRead({ before, after, writes, calls }: Seen): string {
  equal(writes, 0, "calls that could change something");
  equal(missing(before, after).length + missing(after, before).length, 0, "changes in the cloud");
  return `${calls} calls to the cloud, all of them reads`;
}

const count = (objects: Objects, kind: string): number => objects[kind]?.length ?? 0;

/** Ids of `some` that `all` lacks. */
const missing = (some: Objects, all: Objects): string[] =>
  Object.entries(some).flatMap(([kind, ids]) => ids.filter((id) => !all[kind]?.includes(id)));

function equal(actual: number, wanted: number, what: string): void {
  if (actual !== wanted) throw new Error(`${actual} ${what}, expected ${wanted}`);
}
