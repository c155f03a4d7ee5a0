/** What builds of images left in the cloud when they were cut off. Pure. */
import type { Cloud, FloatingIp, Image, Keypair, Port, SecurityGroup, Server, Sweepable, Volume } from "../world.ts";
import { type Build, buildName, buildNamed } from "./builds.ts";
import type { Orphan } from "./orphans.ts";

/** Everything of one project that a build may have made. */
export type BuildFacts = {
  project_id: string;
  servers: Server[];
  floatingIps: FloatingIp[];
  ports: Port[];
  volumes: Volume[];
  securityGroups: SecurityGroup[];
  keypairs: Keypair[];
  /** The project's own. */
  images: Image[];
};

/** One round of parallel reads. @throws HailstackError (3) */
export async function readBuildFacts(cloud: Cloud): Promise<BuildFacts> {
  const [compute, network, volumes, images] = await Promise.all([
    Promise.all([cloud.servers(buildName("")), cloud.keypairs()]),
    Promise.all([cloud.floatingIps(), cloud.ports(), cloud.securityGroups()]),
    cloud.volumes(),
    cloud.ownImages(),
  ]);
  const [servers, keypairs] = compute;
  const [floatingIps, ports, securityGroups] = network;
  const { projectId: project_id } = cloud.identity;
  return { project_id, servers, floatingIps, ports, volumes, securityGroups, keypairs, images };
}

export type Leftover = Orphan & { build: string };
export type BuildRemains = {
  /** In the order in which they can be deleted. */
  leftovers: Leftover[];
  /** Things of builds that still run. */
  running: Leftover[];
  /** Things of builds that this bucket knows nothing of: another bucket's may still run. */
  unrecorded: Leftover[];
};

/** `builds` are those of the bucket; `isAbandoned` tells the dead ones. */
export function findBuildLeftovers(
  facts: BuildFacts,
  builds: readonly Build[],
  isAbandoned: (build: Build) => boolean,
): BuildRemains {
  const byId = new Map(builds.map((build) => [build.build, build]));
  const remains: BuildRemains = { leftovers: [], running: [], unrecorded: [] };
  for (const thing of thingsOfBuilds(facts)) {
    const record = byId.get(thing.build);
    const fate = record === undefined ? "unrecorded" : isAbandoned(record) ? "leftovers" : "running";
    remains[fate].push(thing);
  }
  return remains;
}

/** What bears the name of any build, in the order in which it can be deleted: servers hold ports and volumes, ports groups. */
export function thingsOfBuilds(facts: BuildFacts): Leftover[] {
  const { servers, ports, volumes, securityGroups, keypairs, images } = facts;
  const pick = (kind: Sweepable, things: readonly { id: string; name: string; mark?: string }[]): Leftover[] =>
    things.flatMap(({ id, name, mark = name }) => {
      const build = buildNamed(mark);
      return build === undefined ? [] : [{ kind, id, name, build }];
    });
  // To an administrator Neutron shows every project's.
  const floatingIps = facts.floatingIps.filter(({ projectId }) => projectId === facts.project_id);
  return [
    ...pick(
      "floating IP",
      floatingIps.map(({ id, address, description }) => ({ id, name: address, mark: description })),
    ),
    ...pick("server", servers),
    ...pick("port", ports),
    ...pick("volume", volumes),
    ...pick("security group", securityGroups),
    ...pick(
      "keypair",
      keypairs.map(({ name }) => ({ id: name, name })),
    ),
    ...pick("image", images),
  ];
}
