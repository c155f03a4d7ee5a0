/**
 * `npm run bake -- boot`: boots the baked image as a node, as a cloud would, and looks at what it is before anything
 * has given it a role: all asleep, nothing failed, of the metadata service only what root may see. As root, a minute.
 */
import { run } from "./place.ts";

/** Runs `command` in a shell on the node; what it says on both streams, and how it ended. */
function on(node: string, command: string): { said: string; code: number } {
  const told = run("nodes", "exec", node, "bash", "-c", `${command} 2>&1; printf '\\n%s' $?`);
  const end = told.lastIndexOf("\n");
  return { said: told.slice(0, end).trim(), code: Number(told.slice(end)) };
}

function holds(condition: boolean, message: string): void {
  if (!condition) throw new Error(message);
}

const ours = "'hdfs-*' 'yarn-*' 'mapred-*' 'spark-*' 'jupyter-*' 'hailstack-hdfs-layout*' 'hailstack-*.target'";
const others = "'nginx*' 'netdata*' 'nfs-server*' 'rpcbind*'";
const metadata = "169.254.169.254";

const checks: Readonly<Record<string, () => void>> = {
  "first boot ends well"() {
    const { said } = on("master", "cloud-init status --wait");
    holds(said.includes("status: done"), `cloud-init: ${said}`);
    const state = on("master", "systemctl is-system-running").said;
    holds(state === "running", `the system is ${state}: ${on("master", "systemctl --failed --no-legend").said}`);
  },
  "nothing of a cluster runs"() {
    const { said } = on("master", `systemctl list-units --no-legend --plain --state=active ${ours} ${others}`);
    holds(said === "", said);
  },
  "two nodes of one image are two machines"() {
    for (const file of ["/etc/machine-id", "/etc/ssh/ssh_host_ed25519_key.pub"]) {
      const [one, other] = ["master", "worker-01"].map((node) => on(node, `cat ${file}`).said);
      holds(one !== "" && one !== other, `${file} is the same on both: ${one}`);
    }
  },
  "user data is root's alone"() {
    const { code } = on("master", "runuser -u ubuntu -- cat /var/lib/cloud/instance/user-data.txt");
    holds(code !== 0, "the login user read it without becoming root");
  },
  "the metadata service is root's alone"() {
    // In the node's own network name space; what leaves it goes by the same chain.
    on("master", `ip addr add ${metadata}/32 dev lo`);
    on(
      "master",
      `mkdir -p /run/metadata && systemd-run -q --unit metadata python3 -m http.server --bind ${metadata} --directory /run/metadata 80`,
    );
    const ask = `curl -s -o /dev/null --max-time 5 --retry 10 --retry-connrefused --retry-delay 1 -w '%{http_code}' http://${metadata}/`;
    const root = on("master", ask).said;
    holds(root === "200", `root gets ${root}`);
    for (const user of ["ubuntu", "hdfs", "nobody"]) {
      const { said, code } = on("master", `runuser -u ${user} -- curl -s --max-time 5 http://${metadata}/`);
      holds(code === 7, `${user} gets through (${code}): ${said}`);
    }
  },
};

export function bootImage(root: string): void {
  run("nodes", "up", "1", "--root", root);
  try {
    for (const [name, check] of Object.entries(checks)) {
      check();
      process.stdout.write(`${name.padEnd(44)} ok\n`);
    }
  } finally {
    run("nodes", "down");
  }
}
