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
const hash = (owner: string): FileMode => ({ ...usual, owner, mode: "0640" });
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
  // The web front comes as a whole, after the first boot: with lines for each of a thousand workers it would not fit.
  "/etc/nginx/hailstack/hadoop.conf": late,
  "/etc/nginx/hailstack/headers.conf": late,
  "/etc/nginx/hailstack/workers.map": late,
  "/etc/nginx/sites-enabled/hailstack": late,
  "/var/lib/hailstack/web/index.html": late,
  "/etc/nginx/ssl/own.crt": secret("root:root", "0644"),
  "/etc/nginx/ssl/own.key": secret("root:root", "0600"),
  // Hashes and what is made of them: one-way, and still not for every user to try passwords on.
  "/etc/nginx/hailstack.htpasswd": secret("root:www-data", "0640"),
  "/etc/nginx/hailstack/session.conf": secret("root:root", "0640"),
  "/etc/jupyter/jupyter_server_config.json": hash("root:hadoop"),
};

/** Of an absolute path on a node. */
export const fileMode = (path: string): FileMode => modes[path] ?? usual;
/** Every path of the table. */
export const specialPaths = (): string[] => Object.keys(modes);
