/** One thing that goes wrong on the nodes of a cluster that works, and what must be said of it. */

/** What runs as root on a node, past SSH. */
export type Hands = {
  /** A shell's script; stdout. @throws Error when it fails */
  on(node: NodeName, script: string): Promise<string>;
  /** Cuts a node's power, or gives it back. */
  power(node: NodeName, on: boolean): Promise<void>;
  /** Writes the cluster's config with these fields over the usual ones. */
  configure(fields: Readonly<Record<string, unknown>>): void;
};

export type NodeName = "c1-master" | "c1-worker-01" | "c1-worker-02";

export type NodeFault = {
  /** What goes wrong, in a few words; also how it is chosen. */
  name: string;
  /** The row of the catalogue of faults that it plays. */
  row: string;
  inject(hands: Hands): Promise<unknown>;
  /** What the operator does about it; absent where `create` itself repairs it. */
  mend?(hands: Hands): Promise<unknown>;
  /** The problem that must be among those told. */
  says: {
    node: NodeName;
    /** `not-ready-STAGE`, or what SSH calls it. */
    slug: string;
    message: RegExp;
    /** Of the last lines; undefined where there are none to be had. */
    lines?: RegExp;
    fix: RegExp;
  };
  /** Who reports it: `create`, unless that would repair it before it looks. */
  by?: "create" | "ready";
  /** How long the report may take beyond what a create needs that changes nothing; a minute unless told. */
  seconds?: number;
  /** `node unit` of what may have started again when all is well again; nothing else may. */
  restarts?: readonly RegExp[];
};
