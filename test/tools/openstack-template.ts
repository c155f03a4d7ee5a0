/** A template of Packer's OpenStack builder for the simulated cloud; its scripts run on this machine. */
import { startCloud, type SimulatedCloud } from "../support/cloud/cloud.ts";
import type { CloudOptions } from "../support/cloud/options.ts";

/** Reaches its server by SSH at a port of this machine where nobody listens. */
export const unreachable = `communicator = "ssh"
  ssh_username = "debian"
  ssh_private_key_file = var.ssh_private_key_file
  ssh_host = "127.0.0.1"
  ssh_port = 9
  ssh_timeout = "2s"`;

export function openstackTemplate(
  { state }: SimulatedCloud,
  { communicator = 'communicator = "none"', script = "echo hailstack-stage start base 1 1" } = {},
): string {
  const [image] = state.images.values();
  const network = [...state.networks.values()].find(({ name }) => name === "cloudforms_network");
  return `
variable "inputs_dir" { type = string }
variable "results_dir" { type = string }
variable "ssh_private_key_file" { type = string }
source "openstack" "image" {
  ${communicator}
  flavor = "m2.small"
  source_image = "${image?.id}"
  image_name = "hailstack-build-1"
  networks = ["${network?.id}"]
  floating_ip_network = "public"
}
build {
  sources = ["source.openstack.image"]
  provisioner "shell-local" {
    inline = [${JSON.stringify(script)}]
  }
}
`;
}

export const startPlainCloud = (options: CloudOptions = {}) =>
  startCloud({ images: [{ name: "debian-12" }], ...options });
