/**
 * What a build server needs around it: a key of its own, a group that admits SSH, an address. All of it bears the
 * build's name, so that it is found again whatever becomes of this process.
 */
import { generateKeyPairSync } from "node:crypto";
import { readBuildFacts, thingsOfBuilds } from "../cluster/build-leftovers.ts";
import { buildName } from "../cluster/builds.ts";
import { sweep } from "../cluster/orphans.ts";
import { Exit, failure, HailstackError } from "../errors.ts";
import type { World } from "../world.ts";
import type { Build } from "./build-image.ts";

export type Surroundings = {
  /** PEM text. */
  privateKey: string;
  securityGroupId: string;
  /** Both blank when the build server is reached at its own address. */
  floatingIpId: string;
  address: string;
};

/** Neutron's default group admits nothing from outside. @throws HailstackError (3), (130, 143) after a signal */
export async function makeSurroundings({ interrupts }: World, build: Build): Promise<Surroundings> {
  const { id, cloud, site, packer, bundle } = build;
  const name = buildName(id);
  const key = newKey(name);
  await cloud.createKeypair(name, key.publicKey);
  const securityGroupId = await cloud.createSecurityGroup({
    name,
    description: `SSH to the server that an image of ${bundle.id} is built on`,
    rules: packer.allowed_cidrs.map((cidr) => ({ port: 22, cidr })),
  });
  const ip = site.pool && (await cloud.createFloatingIp({ poolId: site.pool.id, description: name }));
  const signalled = interrupts.exitCode();
  if (signalled !== undefined) {
    throw failure(signalled, "interrupted", "stopped by a signal before the build began", "run the same command again");
  }
  return {
    privateKey: key.privateKey,
    securityGroupId,
    floatingIpId: ip?.id ?? "",
    address: ip?.address ?? "",
  };
}

/**
 * Removes everything that still bears the build's name; a published image no longer does. What cannot be removed is
 * told, and false returned. `hurry`, once kept, leaves behind what is not gone yet.
 */
export async function removeBuild(world: World, build: Build, hurry: Promise<void>): Promise<boolean> {
  const { terminal, interrupts } = world;
  const message = `not everything that build ${build.id} made could be removed`;
  const left = {
    slug: "build-left",
    message,
    where: buildName(build.id),
    fix: "hailstack image prune --config <the same file>",
  };
  const stopListening = interrupts.listen((count) => {
    if (count === 1) terminal.report({ event: "note", message: "clearing up; press again to leave it to image prune" });
  });
  try {
    await terminal.stage("clearing up", (detail) => {
      const hurried = hurry.then(() => {
        throw new HailstackError(interrupts.exitCode() ?? Exit.failed, []);
      });
      return Promise.race([hurried, sweepOwn(build).then(detail)]);
    });
    return true;
  } catch (error) {
    const problems = error instanceof HailstackError ? error.problems : [];
    for (const problem of [left, ...problems]) terminal.report({ event: "warning", ...problem });
    return false;
  } finally {
    stopListening();
  }
}

/** What was removed. @throws HailstackError when the cloud does not let something go */
async function sweepOwn({ id, cloud }: Build): Promise<string> {
  const own = thingsOfBuilds(await readBuildFacts(cloud)).filter(({ build }) => build === id);
  await sweep(cloud, own, () => {});
  return own.map(({ kind }) => kind).join(", ") || "nothing was left";
}

/** An Ed25519 pair: the private key as PKCS #8, the public one as OpenSSH has it (RFC 8709). */
function newKey(comment: string): { privateKey: string; publicKey: string } {
  const pair = generateKeyPairSync("ed25519");
  const raw = Buffer.from(pair.publicKey.export({ format: "jwk" }).x ?? "", "base64url");
  const type = "ssh-ed25519";
  const blob = Buffer.concat([Buffer.from(type), raw].flatMap((part) => [lengthOf(part), part]));
  return {
    privateKey: pair.privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
    publicKey: `${type} ${blob.toString("base64")} ${comment}`,
  };
}

function lengthOf(part: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(part.length);
  return length;
}
