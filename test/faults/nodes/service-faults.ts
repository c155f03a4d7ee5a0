/** Daemons that die, hang, are not let start, or have lost their master; and what they need. */
import type { NodeFault, NodeName } from "./fault.ts";

const [master, one, two] = ["c1-master", "c1-worker-01", "c1-worker-02"] as const;

/** A daemon whose process is there, and does nothing. */
const paused = (node: NodeName, unit: string, says: Omit<NodeFault["says"], "node" | "fix">): NodeFault => ({
  name: `${unit} of ${node} hangs`,
  row: "B06",
  inject: ({ on }) => on(node, `systemctl kill --signal=STOP ${unit} && sleep 15`),
  mend: ({ on }) => on(node, `systemctl kill --signal=CONT ${unit}`),
  says: { node, ...says, fix: new RegExp(`ssh ${node} .*journalctl -u ${unit}`) },
});
const asHdfs = (words: string) => `runuser -u hdfs -- sh -c 'set -a; . /etc/hailstack/cluster.env; set +a; ${words}'`;
const dropIn = (unit: string) => `/etc/systemd/system/${unit}.service.d/fault.conf`;

export const serviceFaults: NodeFault[] = [
  {
    name: "a daemon of the master whose port another program has",
    row: "B06",
    inject: ({ on }) =>
      on(
        master,
        "systemctl stop yarn-rm && systemd-run -q --unit=fault /usr/bin/python3 -m http.server 8088 && sleep 2 && systemctl start --no-block yarn-rm && sleep 20",
      ),
    mend: ({ on }) => on(master, "systemctl stop fault"),
    says: {
      node: master,
      slug: "not-ready-services",
      message: /yarn-rm (?:ends and is started again|is starting)/,
      lines: /in use|BindException|8088/,
      fix: /ssh master .*journalctl -u yarn-rm/,
    },
    restarts: [/^c1-master yarn-rm$/],
  },
  {
    name: "a daemon of a worker with a heap that cannot be",
    row: "B06",
    inject: ({ on }) =>
      on(
        one,
        `mkdir -p ${dropIn("hdfs-datanode").replace(/\/[^/]+$/, "")} && printf '[Service]\\nEnvironmentFile=/run/fault.env\\n' >${dropIn("hdfs-datanode")} && echo HDFS_DATANODE_OPTS=-Xmx1x >/run/fault.env && systemctl daemon-reload && systemctl restart --no-block hdfs-datanode && sleep 15`,
      ),
    mend: ({ on }) =>
      on(one, `rm ${dropIn("hdfs-datanode")} && systemctl daemon-reload && systemctl restart hdfs-datanode`),
    says: {
      node: one,
      slug: "not-ready-hdfs",
      message: /datanode .*hdfs-datanode ends and starts again/,
      lines: /heap size/i,
      fix: /ssh c1-worker-01 .*journalctl -u hdfs-datanode/,
    },
    restarts: [/^c1-worker-01 hdfs-datanode$/],
  },
  paused(two, "yarn-nm", { slug: "not-ready-yarn", message: /takes calls, but nothing answers/, lines: /\S/ }),
  paused(one, "spark-worker", { slug: "not-ready-spark", message: /takes calls, but nothing answers/, lines: /\S/ }),
  paused(two, "hdfs-datanode", { slug: "not-ready-hdfs", message: /datanode silent for \d+ s/, lines: /\S/ }),
  {
    name: "a worker that does not reach its master's HDFS",
    row: "B07",
    inject: ({ on }) =>
      on(
        one,
        "nft \"add table inet fault; add chain inet fault out { type filter hook output priority 0; }; add rule inet fault out ip daddr $(awk '/c1-master/ {print $1}' /etc/hosts) tcp dport { 8020, 9820, 9000 } drop\" && sleep 15",
      ),
    mend: ({ on }) => on(one, "nft delete table inet fault"),
    says: {
      node: one,
      slug: "not-ready-hdfs",
      message: /datanode silent for \d+ s/,
      lines: /\S/,
      fix: /ssh c1-worker-01 .*journalctl -u hdfs-datanode/,
    },
  },
  {
    name: "a jar that a worker has lost",
    row: "B03",
    inject: ({ on }) =>
      on(
        two,
        "mkdir /run/fault && find -L /opt/hadoop/share/hadoop/yarn -name 'hadoop-yarn-server-nodemanager*.jar' -exec mv {} /run/fault/ \\; && ls /run/fault/*.jar && systemctl restart --no-block yarn-nm && sleep 15",
      ),
    mend: ({ on }) =>
      on(two, "mv /run/fault/*.jar /opt/hadoop/share/hadoop/yarn/ && systemctl restart yarn-nm && rmdir /run/fault"),
    says: {
      node: two,
      slug: "not-ready-yarn",
      message: /yarn-nm ends and starts again/,
      lines: /ClassNotFoundException|could not find or load main class/i,
      fix: /ssh c1-worker-02 .*journalctl -u yarn-nm/,
    },
    restarts: [/^c1-worker-02 yarn-nm$/],
  },
  {
    name: "a folder of HDFS on a worker that is somebody else's",
    row: "B03",
    inject: ({ on }) =>
      on(
        one,
        "chown root:root /var/lib/hailstack/hdfs/data && chmod 700 /var/lib/hailstack/hdfs/data && systemctl restart --no-block hdfs-datanode && sleep 20",
      ),
    mend: ({ on }) => on(one, "chown hdfs:hadoop /var/lib/hailstack/hdfs/data && systemctl restart hdfs-datanode"),
    says: {
      node: one,
      slug: "not-ready-hdfs",
      message: /datanode/,
      lines: /permission|denied|Invalid|not owned/i,
      fix: /ssh c1-worker-01 .*journalctl -u hdfs-datanode/,
    },
    restarts: [/^c1-worker-01 hdfs-datanode$/],
  },
  {
    name: "a service of the master that is masked",
    row: "B03",
    inject: ({ on }) =>
      on(
        master,
        "mv /etc/systemd/system/jupyter-lab.service /run/fault.service && systemctl stop jupyter-lab; systemctl mask jupyter-lab",
      ),
    mend: ({ on }) =>
      on(
        master,
        "systemctl unmask jupyter-lab; mv /run/fault.service /etc/systemd/system/jupyter-lab.service && systemctl daemon-reload",
      ),
    says: {
      node: master,
      slug: "not-ready-services",
      message: /jupyter-lab is masked/,
      fix: /ssh master .*(?:jupyter-lab)/,
    },
    restarts: [/^c1-master jupyter-lab$/],
  },
  {
    name: "HDFS in safe mode",
    row: "B06",
    inject: ({ on }) => on(master, asHdfs("/opt/hadoop/bin/hdfs dfsadmin -safemode enter")),
    mend: ({ on }) => on(master, asHdfs("/opt/hadoop/bin/hdfs dfsadmin -safemode leave")),
    says: {
      node: master,
      slug: "not-ready-hdfs",
      message: /safe ?mode/i,
      lines: /\S/,
      fix: /ssh master .*hdfs-namenode/,
    },
  },
  {
    name: "a folder of HDFS that nobody may write to",
    row: "B03",
    inject: ({ on }) => on(master, asHdfs("/opt/hadoop/bin/hdfs dfs -chmod 700 /tmp")),
    mend: ({ on }) => on(master, asHdfs("/opt/hadoop/bin/hdfs dfs -chmod 1777 /tmp")),
    says: { node: master, slug: "not-ready-hdfs-layout", message: /\/tmp is .*mode 700/, fix: /hailstack-hdfs-layout/ },
  },
  {
    name: "a worker whose Python is gone",
    row: "B03",
    inject: ({ on }) =>
      on(two, "mv /opt/hailstack/overlay-venv/bin/python /opt/hailstack/overlay-venv/bin/python.fault"),
    mend: ({ on }) => on(two, "mv /opt/hailstack/overlay-venv/bin/python.fault /opt/hailstack/overlay-venv/bin/python"),
    says: { node: two, slug: "not-ready-hail-job", message: /^Hail job: /, lines: /python/i, fix: /spark-worker/ },
    seconds: 400,
  },
  {
    name: "a worker that got another secret of Spark",
    row: "B03",
    by: "ready",
    inject: ({ on }) =>
      on(
        two,
        "sed -i 's/^\\(spark.authenticate.secret\\s\\+\\).*/\\1wrong/' /etc/spark/conf/spark-defaults.conf && systemctl restart spark-worker && sleep 10",
      ),
    says: {
      node: two,
      slug: "not-ready-spark",
      message: /Spark worker/,
      lines: /\S/,
      fix: /journalctl -u spark-worker/,
    },
    restarts: [/^c1-worker-02 spark-worker$/],
  },
  {
    name: "a daemon of a worker that somebody stopped",
    row: "B06",
    by: "ready",
    inject: ({ on }) => on(one, "systemctl stop yarn-nm"),
    says: {
      node: one,
      slug: "not-ready-yarn",
      message: /nothing listens on port 8042.*yarn-nm is inactive/,
      lines: /\S/,
      fix: /journalctl -u yarn-nm/,
    },
    restarts: [/^c1-worker-01 yarn-nm$/],
  },
];
