/** A cloud the scenario can be run against. */
import type { Service } from "./step.ts";

export type Target = {
  /** Root URL of each service, without a slash at its end. */
  roots: Readonly<Record<Service, string>>;
  /** What the scenario starts with: `user`, `password`, `project` and `other_project` of that user, `image`. */
  variables: Readonly<Record<string, string>>;
  /** How long to wait between two looks at something that changes, in ms. */
  pollMs: number;
  /** Removes what the target was given for this run. */
  close(): Promise<void>;
};

/** The project's quotas: small, so that each can be broken. */
export const scenarioQuotas = {
  compute: { instances: 3, cores: 3, ram: 3072, key_pairs: 2, server_groups: 2, server_group_members: 2 },
  network: { port: 6, security_group: 3, security_group_rule: 14, floatingip: 2 },
  volume: { volumes: 2, gigabytes: 3 },
};

export const scenarioVariables = {
  user: "conf-user",
  password: "conf-password",
  project: "conf-project",
  other_project: "conf-other-project",
  image: "debian-12",
  made_up: "gAAAAABnonsense",
};
