/** The simulated cloud as a target, given what the lab's project is given. */
import { startCloud } from "../support/cloud/cloud.ts";
import { labImage } from "../support/cloud/options.ts";
import { scenarioQuotas, scenarioVariables, type Target } from "./target.ts";

/** What the lab's image says of itself: free properties that Glance hands through. */
const properties = {
  ramdisk_id: "f5fc4453-ee40-44f7-b57b-86e028c75d96",
  kernel_id: "92964ebe-5057-4ccd-8687-9284f92b7cc4",
  os_command_line: "root=/dev/vda console=ttyS0 net.ifnames=0",
  hw_rng_model: "virtio",
  "owner_specified.openstack.md5": "",
  "owner_specified.openstack.sha256": "",
  "owner_specified.openstack.object": "images/debian-12",
};

export async function openSimulated(): Promise<Target> {
  const { user, password, project, other_project } = scenarioVariables;
  const { compute, network, volume } = scenarioQuotas;
  const cloud = await startCloud({
    users: [{ name: user, password, projects: [project, other_project] }],
    projects: [{ name: project, quotas: { ...compute, ...network, ...volume } }],
    images: [{ ...labImage, properties }],
    compute: { console: () => "FAKE CONSOLE OUTPUT\nANOTHER\nLAST LINE" },
  });
  const origin = new URL(cloud.url).origin;
  return {
    roots: {
      identity: `${origin}/identity`,
      compute: `${origin}/compute`,
      network: `${origin}/network`,
      image: `${origin}/image`,
      volume: `${origin}/volume`,
    },
    variables: scenarioVariables,
    pollMs: 5,
    close: () => cloud.stop(),
  };
}
