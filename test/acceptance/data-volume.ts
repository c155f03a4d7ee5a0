/** The encrypted data volume of a cluster of machines, looked at from its master and from a worker. */
import type { Nodes } from "../support/ssh.ts";
import { refuseUnless } from "./lifetime.ts";

const gibBytes = 2 ** 30;

/** Where it is on every node. */
const folderOf = (user: string): string => `/home/${user}/data`;

/** Cinder's volume `id`, as the master sees it. */
const diskOf = (id: string): string => `/dev/disk/by-id/virtio-${id.slice(0, 20)}`;

/** Cinder's volume `id` is encrypted, mounted, as large as it is, every node's, and nobody else's. */
export async function requireShared(nodes: Nodes, user: string, id: string, gib: number): Promise<void> {
  const folder = folderOf(user);
  const disk = diskOf(id);
  const header = await nodes.run("master", `sudo cryptsetup luksDump ${disk}`);
  refuseUnless(/^Version:\s+2$/m.test(header) && /^Label:\s+hailstack-/m.test(header), `its header is ${header}`);

  const mounted = (node: string) => nodes.run(node, `ls ${folder} >/dev/null; findmnt -rno SOURCE,FSTYPE ${folder}`);
  const onMaster = await mounted("master");
  refuseUnless(onMaster === "/dev/mapper/hailstack-data ext4", `the master has mounted ${onMaster}`);
  // The first is autofs's.
  const onWorker = (await mounted("worker-01")).split("\n").at(-1) ?? "";
  refuseUnless(onWorker.endsWith(" nfs4"), `the worker has mounted ${onWorker}`);

  for (const node of ["master", "worker-01"]) {
    const bytes = Number((await nodes.run(node, `df -B1 --output=size ${folder}`)).split("\n").at(-1));
    refuseUnless(bytes > (gib - 0.2) * gibBytes && bytes < gib * gibBytes, `${node} sees ${bytes} bytes of ${gib} GiB`);
  }
  const root = await nodes.run("worker-01", `sudo touch ${folder}/of-root 2>&1; echo "ended with $?"`);
  refuseUnless(root.endsWith("ended with 1"), `a worker's root may write: ${root}`);
  const listening = await nodes.run("master", "ss -Hltn 'sport = :111'; ss -Hlun 'sport = :111'");
  refuseUnless(listening === "", `a port mapper listens: ${listening}`);
}

/** Puts data on it, from both sides. */
export async function writeData(nodes: Nodes, user: string): Promise<void> {
  const folder = folderOf(user);
  for (const node of ["master", "worker-01"]) {
    const file = `from-${node}`;
    await nodes.run(node, `cd ${folder} && head -c 16M /dev/urandom >${file} && sha256sum ${file} >>sums`);
  }
}

/** What writeData has put there is there, on both sides. */
export async function requireData(nodes: Nodes, user: string): Promise<void> {
  for (const node of ["master", "worker-01"]) {
    const told = await nodes.run(node, `cd ${folderOf(user)} && sha256sum -c sums`);
    refuseUnless(told === "from-master: OK\nfrom-worker-01: OK", `${node} says ${told}`);
  }
}

/** From here on the passphrase has a newline behind it, as with disks that were made by `echo … | cryptsetup`. */
export async function addNewline(nodes: Nodes, id: string): Promise<void> {
  const disk = diskOf(id);
  const script = [
    "set -eu; umask 077; work=$(mktemp -d)",
    'tr -d "\\n" </etc/hailstack/volume.key >"$work/old"',
    '{ cat "$work/old"; echo; } >"$work/new"',
    `cryptsetup luksChangeKey --batch-mode --pbkdf-memory 65536 --key-file "$work/old" ${disk} "$work/new"`,
    `! cryptsetup open --test-passphrase --key-file "$work/old" ${disk} 2>/dev/null`,
    'rm -r "$work"',
  ];
  await nodes.run("master", `sudo sh -c '${script.join("; ")}'`);
}
