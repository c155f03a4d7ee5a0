/** Nodes that nobody gets into: each kind of it is told apart, with the console's end. */
import type { NodeFault } from "./fault.ts";

const [one, two] = ["c1-worker-01", "c1-worker-02"] as const;
const keys = "/home/ubuntu/.ssh/authorized_keys";
const console = /\S/;

export const sshFaults: NodeFault[] = [
  {
    name: "a worker whose sshd has stopped",
    row: "B01",
    inject: ({ on }) => on(two, "systemctl stop ssh.socket ssh.service 2>&1 || systemctl stop ssh.service"),
    mend: ({ on }) => on(two, "systemctl start ssh.service"),
    says: {
      node: two,
      slug: "ssh-refused",
      message: /refuses the connection/,
      lines: console,
      fix: /console log show/,
    },
  },
  {
    name: "a worker whose port 22 is closed by a firewall",
    row: "B01",
    inject: ({ on }) =>
      on(
        one,
        "nft 'add table inet fault; add chain inet fault in { type filter hook input priority 0; }; add rule inet fault in tcp dport 22 drop'",
      ),
    mend: ({ on }) => on(one, "nft delete table inet fault"),
    says: { node: one, slug: "ssh-timeout", message: /does not answer within/, lines: console, fix: /security group/ },
  },
  {
    name: "a worker that does not know our key any more",
    row: "B01",
    inject: ({ on }) => on(two, `mv ${keys} ${keys}.fault`),
    mend: ({ on }) => on(two, `mv ${keys}.fault ${keys}`),
    says: { node: two, slug: "ssh-auth", message: /does not let 'ubuntu' in/, lines: console, fix: /--ssh-key/ },
  },
  {
    name: "a worker that shows another host key",
    row: "B01",
    inject: ({ on }) =>
      on(
        one,
        "mkdir /etc/ssh/fault && mv /etc/ssh/ssh_host_* /etc/ssh/fault/ && ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key && systemctl restart ssh",
      ),
    mend: ({ on }) =>
      on(
        one,
        "rm /etc/ssh/ssh_host_* && mv /etc/ssh/fault/* /etc/ssh/ && rmdir /etc/ssh/fault && systemctl restart ssh",
      ),
    says: {
      node: one,
      slug: "ssh-host-key",
      message: /shows another host key than the one known/,
      fix: /--accept-new-host-keys/,
    },
  },
  {
    name: "a worker that has lost its power",
    row: "B08",
    inject: ({ power }) => power(two, false),
    mend: ({ power }) => power(two, true),
    says: { node: two, slug: "ssh-timeout", message: /does not answer within/, lines: console, fix: /server runs/ },
    restarts: [/^c1-worker-02 /],
  },
];
