/** Whether `create` will be able to hand the nodes their secrets, asked before anything is made. */
import type { Config } from "../config/schema.ts";
import { Exit, HailstackError, type Problem } from "../errors.ts";
import type { Env, World } from "../world.ts";

/**
 * Nodes get what must not be in first-boot data over SSH, and are asked there how far they are.
 * @throws HailstackError (2) with each reason why they cannot be reached
 */
export async function requireSshWay(
  { files }: Pick<World, "files">,
  config: Config,
  env: Env,
  sshKey: string | undefined,
): Promise<void> {
  const problems: Problem[] = [];
  if (!config.security_groups.master.ssh) {
    problems.push({
      slug: "ssh-closed",
      message: "security_groups.master.ssh is off, and the nodes are given their secrets over SSH",
      where: "security_groups.master.ssh",
      fix: "leave it on for this run; afterwards turn it off and run create again with --no-wait: only the rule goes",
    });
  }
  if (sshKey === undefined && !env.SSH_AUTH_SOCK) {
    problems.push({
      slug: "ssh-no-key",
      message: "there is neither --ssh-key nor an SSH agent (SSH_AUTH_SOCK) to reach the nodes with",
      fix: "add --ssh-key <private key of one of ssh_keys.public_keys>, or start an agent: eval $(ssh-agent) && ssh-add; --no-wait needs neither",
    });
  } else if (sshKey !== undefined && !(await files.exists(sshKey))) {
    problems.push({
      slug: "ssh-key-missing",
      message: `there is no SSH key ${sshKey}`,
      where: "--ssh-key",
      fix: "give the path of the private key of one of ssh_keys.public_keys",
    });
  }
  if (problems.length > 0) throw new HailstackError(Exit.usage, problems);
}
