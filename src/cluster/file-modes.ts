/** Who may read which file of a node, and when it gets there. One table; what is not in it is everybody's to read. */

export type FileMode = {
  owner: string;
  /** As chmod takes it. */
  mode: string;
  /** Never in user data, which every process of a node may come to read. */
  secret: boolean;
  /** Part of the first boot; what is not is known only when the servers are up. */
  early: boolean;
};

const usual: FileMode = { owner: "root:root", mode: "0644", secret: false, early: true };
const secret = (owner: string, mode: string): FileMode => ({ owner, mode, secret: true, early: false });
const late: FileMode = { ...usual, early: false };

const modes: Readonly<Record<string, FileMode>> = {
  // Jobs run as the login user, who is in the group.
  "/etc/hadoop/conf/s3a.xml": secret("root:hadoop", "0640"),
  "/etc/spark/conf/spark-defaults.conf": secret("root:hadoop", "0640"),
  "/etc/netdata/stream.conf": secret("root:netdata", "0640"),
  "/etc/hailstack/volume.key": secret("root:root", "0400"),
  "/etc/hailstack/public-address": late,
  // Nothing is shared before the volume is opened, which takes a passphrase that comes later than the first boot.
  "/etc/exports.d/hailstack.exports": late,
};

/** Of an absolute path on a node. */
export const fileMode = (path: string): FileMode => modes[path] ?? usual;
/** Every path of the table. */
export const specialPaths = (): string[] => Object.keys(modes);
