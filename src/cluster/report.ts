/** `status`, as data and as text: what the state says, held against the servers as they are. Pure. */
import type { FloatingIp, Server, Volume } from "../world.ts";
import type { Outputs } from "./outputs.ts";
import { ofKind, type ClusterState } from "./state.ts";
import type { Lock } from "./store.ts";

export type Live = { servers: Server[]; floatingIps: FloatingIp[]; volume?: Volume };

export type StatusReport = {
  bundle: string;
  cluster_name: string;
  master: { flavour: string; ip: string; name: "master"; status: string; fault?: string };
  volume: { name: string; size_gb?: number; id: string; status: string } | null;
  worker_count: number;
  workers: { ip: string; name: string; status: string; fault?: string }[];
  /** "ready": as recorded; "incomplete": the last create has not come to its end; "drifted": the cloud differs. */
  state: "ready" | "incomplete" | "drifted";
  drift: string[];
  cluster_id: string;
  updated_at: string;
  locked_by: { user: string; hostname: string; pid: number; since: string }[];
};

/** What the config says where no create has come to its end. */
export type Intended = { bundle: string; master_flavour: string };

export function reportStatus(
  cluster: string,
  state: ClusterState,
  live: Live,
  locks: readonly Lock[],
  intended: Intended = { bundle: "", master_flavour: "" },
): StatusReport {
  const { outputs } = state;
  const byId = new Map(live.servers.map((server) => [server.id, server]));
  const recorded = new Map(ofKind(state, "Instance").map(({ name, id }) => [name, id]));
  const serverOf = (name: string) => {
    const id = recorded.get(name);
    const server = id === undefined ? undefined : byId.get(id);
    const status = server?.status ?? (id === undefined ? "not made" : "gone");
    return { status, ...(server?.fault ? { fault: server.fault } : {}) };
  };
  const addressOf = (name: string) => byId.get(recorded.get(name) ?? "")?.addresses[0];
  const ended = outputs?.worker_names ?? [];
  // A create that was cut short has recorded workers that no outputs tell of yet.
  const begun = [...recorded.keys()].filter((name) => name !== `${cluster}-master` && !ended.includes(name));
  const workers = [...ended, ...begun.toSorted()].map((name, index) => ({
    ip: outputs?.worker_private_ips[index] ?? addressOf(name) ?? "",
    name: name.startsWith(`${cluster}-`) ? name.slice(cluster.length + 1) : name,
    ...serverOf(name),
  }));
  const master = {
    ip: outputs?.master_public_ip ?? addressOf(`${cluster}-master`) ?? "",
    flavour: outputs?.master_flavour ?? intended.master_flavour,
    name: "master" as const,
    ...serverOf(`${cluster}-master`),
  };
  const drift = driftOf({ master, workers }, state, live);
  const unended =
    outputs === undefined ||
    begun.length + state.pending.length > 0 ||
    ofKind(state, "Instance").some(({ unfinished }) => unfinished);
  return {
    bundle: outputs?.bundle_id ?? intended.bundle,
    cluster_name: cluster,
    master,
    volume: volumeOf(outputs, live.volume),
    worker_count: workers.length,
    workers,
    state: unended ? "incomplete" : drift.length > 0 ? "drifted" : "ready",
    drift,
    cluster_id: outputs?.cluster_id ?? "",
    updated_at: state.time ?? "",
    locked_by: locks.map(({ username, hostname, pid, timestamp }) => ({
      user: username,
      hostname,
      pid,
      since: timestamp,
    })),
  };
}

function volumeOf(outputs: Outputs | undefined, volume: Volume | undefined): StatusReport["volume"] {
  if (!outputs?.attached_volume_id) return null;
  const size = volume?.sizeGib ?? outputs.managed_volume_size_gb;
  return {
    name: outputs.attached_volume_name ?? outputs.attached_volume_id,
    ...(size > 0 ? { size_gb: size } : {}),
    id: outputs.attached_volume_id,
    status: volume?.status ?? "gone",
  };
}

/** Sentences about what is not as recorded. */
function driftOf(
  { master, workers }: Pick<StatusReport, "master" | "workers">,
  state: ClusterState,
  { floatingIps, volume }: Live,
): string[] {
  const { outputs } = state;
  const servers = [master, ...workers]
    .filter(({ status }) => status !== "ACTIVE")
    .map(({ name, status, fault }) => `${name} is ${status}${fault ? `: ${fault}` : ""}`);
  if (!outputs) return servers;
  const address = floatingIps.find((one) => one.address === outputs.master_public_ip);
  const recordedSize = outputs.managed_volume_size_gb;
  const [attachment] = ofKind(state, "VolumeAttach");
  const ports = new Set(ofKind(state, "Port").map(({ id }) => id));
  const elsewhere = volume?.attachedTo.find(({ serverId }) => !attachment?.id.startsWith(`${serverId}/`));
  return [
    ...servers,
    ...(address
      ? address.portId === null
        ? [`floating IP ${address.address} is attached to nothing`]
        : ports.has(address.portId)
          ? []
          : [`floating IP ${address.address} is attached to port ${address.portId}, which is not the cluster's`]
      : [`floating IP ${outputs.master_public_ip} is gone`]),
    ...(outputs.attached_volume_id && !volume ? [`volume ${outputs.attached_volume_id} is gone`] : []),
    ...(volume && volume.attachedTo.length === 0 ? [`volume ${volume.id} is attached to nothing`] : []),
    ...(volume && elsewhere ? [`volume ${volume.id} is attached to server ${elsewhere.serverId}`] : []),
    ...(volume && recordedSize > 0 && volume.sizeGib !== recordedSize
      ? [`volume ${volume.id} has ${volume.sizeGib} GiB, ${recordedSize} are recorded`]
      : []),
  ];
}

/** The contract's summary, with a line more where there is more to say. */
export function statusText(report: StatusReport): string {
  const { master, workers, volume, drift, locked_by } = report;
  const active = [master, ...workers].filter(({ status }) => status === "ACTIVE").length;
  const mark = ({ status }: { status: string }) => (status === "ACTIVE" ? "" : `  ${status}`);
  return [
    `Cluster: ${report.cluster_name}`,
    `Bundle:  ${report.bundle || "unknown: no create has come to its end"}`,
    `Master:  ${master.ip || "no address yet"}${master.flavour ? ` (${master.flavour})` : ""}${mark(master)}`,
    `Workers: ${report.worker_count}`,
    ...workers.map((worker) => `  ${worker.name}: ${worker.ip}${mark(worker)}`),
    ...(volume ? [`Volume:  ${volume.name}${volume.size_gb ? ` (${volume.size_gb}GB)` : ""}`] : []),
    `State:   ${report.state}, ${active} of ${workers.length + 1} servers active`,
    ...(drift.length > 0 ? ["Drift:", ...drift.map((sentence) => `  ${sentence}`)] : []),
    ...locked_by.map(
      ({ user, hostname, pid, since }) => `Locked:  by ${user}@${hostname}, process ${pid}, since ${since}`,
    ),
  ].join("\n");
}
