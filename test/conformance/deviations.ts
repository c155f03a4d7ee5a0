/** Where the simulated cloud is meant to differ from the recorded one, and why. */
import type { Difference } from "./compare.ts";

export type Deviation = { step: RegExp; path: RegExp; reason: string };

export const deviations: readonly Deviation[] = [
  {
    step: /log in|token: look at it/,
    path: /^body\.token\.catalog\.5$/,
    reason: "Placement is in the lab's catalogue and of no use to a member: it is not simulated",
  },
  {
    step: /^log in with no identity$/,
    path: /^body\.error\.message$/,
    reason: "Keystone prints its whole JSON schema after the sentence that matters",
  },
  {
    step: /^network: quota in detail$/,
    path: /^body\.quota\.security_group(_rule)?\.used$/,
    reason: "Neutron makes a project's default group when it is first needed; here it is there from the start",
  },
  {
    step: /^server: /,
    path: /^body\.servers?(\.\d+)?\.config_drive$/,
    reason: "the lab's Nova is set to give every server a config drive",
  },
  {
    step: /^server: interfaces$|^floating IP: attach to a server$/,
    path: /port_state$|^body\.floatingip\.port_details\.status$/,
    reason: "Nova's fake driver plugs nothing in, so the lab's ports never become ACTIVE",
  },
];

/** The differences nobody meant, and the deviations that no difference shows any more. */
export function judge(differences: readonly Difference[]): { unmeant: Difference[]; stale: Deviation[] } {
  const isMeant =
    ({ step, path }: Difference) =>
    (deviation: Deviation) =>
      deviation.step.test(step) && deviation.path.test(path);
  return {
    unmeant: differences.filter((difference) => !deviations.some(isMeant(difference))),
    stale: deviations.filter((deviation) => !differences.some((difference) => isMeant(difference)(deviation))),
  };
}
