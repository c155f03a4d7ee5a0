/** Boots that go wrong, and what a node needs before any service: its disk, clock and names. */
import type { NodeFault, NodeName } from "./fault.ts";

const [master, one, two] = ["c1-master", "c1-worker-01", "c1-worker-02"] as const;
const state = "/var/lib/hailstack";
const tmpfiles = "/etc/tmpfiles.d/hailstack-hail.conf";

/** Another file system over the place where all is kept but what HDFS and Spark have; its size is up to `options`. */
const smallDisk = (options: string, fill: string) =>
  [
    "set -e; mkdir -p /run/fault",
    `cp -a $(ls -d ${state}/* | grep -v -e /hdfs -e /spark -e /hail$) /run/fault/`,
    `mount -t tmpfs -o ${options} fault ${state}`,
    `cp -a /run/fault/. ${state}/ && rm -r /run/fault`,
    fill,
  ].join("\n");
const usualDisk = `umount -l ${state}`;

/** A stage of boot that fails, as long as a folder is where its file goes. */
const bootFails = (node: NodeName, where: string): NodeFault => ({
  name: `a boot that fails on ${where}`,
  row: "B03",
  inject: ({ on }) => on(node, `rm -f ${tmpfiles} && mkdir ${tmpfiles} && rm ${state}/booted`),
  mend: ({ on }) => on(node, `rmdir ${tmpfiles}`),
  says: {
    node,
    slug: "not-ready-boot",
    message: /^boot: stage settings of first boot failed/,
    lines: /hailstack-hail\.conf/,
    fix: /boot\.log/,
  },
});

export const bootFaults: NodeFault[] = [
  bootFails(master, "the master"),
  bootFails(one, "one of the workers"),
  {
    name: "a worker whose cloud-init ends with an error",
    row: "B04",
    inject: async ({ on, power }) => {
      await on(two, "printf 'bootcmd:\\n- [sh, -c, \"exit 3\"]\\n' >/etc/cloud/cloud.cfg.d/99-zz-fault.cfg && sync");
      await power(two, false);
      await power(two, true);
    },
    mend: async ({ on, power }) => {
      await on(two, "rm /etc/cloud/cloud.cfg.d/99-zz-fault.cfg && sync");
      await power(two, false);
      await power(two, true);
    },
    says: {
      node: two,
      slug: "not-ready-boot",
      message: /^boot: cloud-init ended with errors/,
      lines: /bootcmd/,
      fix: /cloud-init status --long/,
    },
    seconds: 180,
    restarts: [/^c1-worker-02 /],
  },
  {
    name: "a master whose disk is full",
    row: "B09",
    inject: ({ on }) => on(master, smallDisk("size=64m", `fallocate -l 60m ${state}/fault`)),
    mend: ({ on }) => on(master, usualDisk),
    says: { node: master, slug: "not-ready-disk", message: /disk is full: \d+ of 64 MiB free/, fix: /df -h/ },
  },
  {
    name: "a master whose disk has no room for more files",
    row: "B09",
    inject: ({ on }) => on(master, smallDisk("size=2g,nr_inodes=500", "true")),
    mend: ({ on }) => on(master, usualDisk),
    says: { node: master, slug: "not-ready-disk", message: /no room for more files: \d+ of 500 free/, fix: /df -i/ },
  },
  {
    name: "extras that no archive has",
    row: "B10",
    inject: async ({ configure }) => configure({ "extras.system_packages": ["hailstack-nosuch"] }),
    mend: async ({ configure }) => configure({}),
    says: {
      node: master,
      slug: "not-ready-extras",
      message: /^extras: extras failed/,
      lines: /hailstack-nosuch|package/i,
      fix: /boot\.log/,
    },
    seconds: 300,
  },
  {
    // All nodes have this machine's clock, so that what tells of it has to be another.
    name: "a master whose clock is not set yet",
    row: "B11",
    inject: ({ on }) =>
      on(
        master,
        "printf '#!/bin/sh\\nprintf \"NTP=yes\\\\nNTPSynchronized=no\\\\n\"\\n' >/run/fault && chmod 755 /run/fault && mount --bind /run/fault /usr/bin/timedatectl",
      ),
    mend: ({ on }) => on(master, "umount /usr/bin/timedatectl"),
    says: {
      node: master,
      slug: "not-ready-clock",
      message: /the clock is not set yet: it says \d+/,
      fix: /timedatectl/,
    },
  },
  {
    name: "a master that does not find names",
    row: "B12",
    inject: ({ on }) =>
      on(master, "cp /etc/nsswitch.conf /run/fault && sed -i 's/^hosts:.*/hosts: dns/' /etc/nsswitch.conf"),
    mend: ({ on }) => on(master, "cp /run/fault /etc/nsswitch.conf"),
    says: { node: master, slug: "not-ready-names", message: /name does not resolve/, fix: /\/etc\/hosts/ },
  },
  {
    name: "a master whose hosts file knows a worker by another's address",
    row: "B12",
    by: "ready",
    inject: ({ on }) =>
      on(
        master,
        "address=$(awk '/c1-worker-01/ {print $1}' /etc/hosts) && sed -i \"s/^[0-9.]*\\(.*c1-worker-02\\)/$address\\1/\" /etc/hosts",
      ),
    says: { node: two, slug: "not-ready-names", message: /leads to [\d.]+, as c1-worker-01 does/, fix: /\/etc\/hosts/ },
  },
];
