/** Everything preflight asks of a cloud, read at once. */
import type {
  Cloud,
  Flavour,
  FloatingIp,
  Image,
  Keypair,
  Network,
  Port,
  Quotas,
  SecurityGroup,
  Server,
  ServerGroup,
  Volume,
} from "../world.ts";

export type CloudFacts = {
  project_id: string;
  images: Image[];
  flavours: Flavour[];
  networks: Network[];
  floatingIps: FloatingIp[];
  keypairs: Keypair[];
  /** Those whose name starts with the cluster's. */
  servers: Server[];
  ports: Port[];
  securityGroups: SecurityGroup[];
  serverGroups: ServerGroup[];
  /** The whole project's, for those of ours; and the given existing one, wherever it is. */
  volumes: Volume[];
  volume?: Volume;
  quotas: Quotas;
};

/** One round of parallel reads. @throws HailstackError (3) */
export async function readFacts(
  cloud: Cloud,
  asked: { cluster: string; image: string; existing_volume_id: string },
): Promise<CloudFacts> {
  const [compute, network, images, volumes, volume, quotas] = await Promise.all([
    Promise.all([cloud.flavours(), cloud.keypairs(), cloud.servers(`${asked.cluster}-`), cloud.serverGroups()]),
    Promise.all([cloud.networks(), cloud.floatingIps(), cloud.ports(), cloud.securityGroups()]),
    cloud.images(asked.image),
    cloud.volumes(),
    asked.existing_volume_id ? cloud.volume(asked.existing_volume_id) : undefined,
    cloud.quotas(),
  ]);
  const [flavours, keypairs, servers, serverGroups] = compute;
  const [networks, floatingIps, ports, securityGroups] = network;
  return {
    project_id: cloud.identity.projectId,
    images,
    flavours,
    networks,
    floatingIps,
    keypairs,
    servers,
    ports,
    securityGroups,
    serverGroups,
    volumes,
    ...(volume ? { volume } : {}),
    quotas,
  };
}
