# One server, baked by the stages of ./bake, and its image. Everything here comes from the command line's one file of
# variables; the network, the keypair, the security group and the floating IP are made and removed around it.

packer {
  required_version = ">= 1.11.0"
  required_plugins {
    openstack = {
      source  = "github.com/hashicorp/openstack"
      version = ">= 1.1.2"
    }
  }
}

variable "build_name" { type = string }
variable "base_image_id" { type = string }
variable "flavour_id" { type = string }
variable "network_id" { type = string }
variable "security_group_id" { type = string }
variable "keypair_name" { type = string }
variable "ssh_private_key_file" { type = string }
variable "ssh_username" { type = string }
variable "ssh_timeout" { type = string }
# Empty: the build server is reached at its own address.
variable "floating_ip_id" { type = string }
# Glance's properties of the image.
variable "image_properties" { type = map(string) }
# Folders of this machine: what the bake reads, and where its reports are put.
variable "inputs_dir" { type = string }
variable "results_dir" { type = string }

source "openstack" "image" {
  # Under the build's own name until it has been tested: then it is renamed.
  image_name        = var.build_name
  image_visibility  = "private"
  metadata          = var.image_properties
  instance_name     = var.build_name
  instance_metadata = { hailstack_build = var.build_name }
  source_image      = var.base_image_id
  flavor            = var.flavour_id
  networks          = [var.network_id]
  security_groups   = [var.security_group_id]
  floating_ip       = var.floating_ip_id
  # A key of ours, so that nothing of it stays in the project if this machine dies.
  ssh_keypair_name     = var.keypair_name
  ssh_private_key_file = var.ssh_private_key_file
  ssh_username         = var.ssh_username
  ssh_timeout          = var.ssh_timeout
  # The keys of a server that lives for an hour are nowhere to be had beforehand.
  ssh_keep_alive_interval = "15s"
}

build {
  sources = ["source.openstack.image"]

  provisioner "shell" {
    inline = ["mkdir -m 0700 /var/tmp/hailstack-kit /var/tmp/hailstack-inputs"]
  }
  provisioner "file" {
    source      = "${path.root}/"
    destination = "/var/tmp/hailstack-kit"
  }
  provisioner "file" {
    source      = "${var.inputs_dir}/"
    destination = "/var/tmp/hailstack-inputs"
  }
  provisioner "shell" {
    inline          = ["HAILSTACK_REMOVE_KIT=1 exec bash /var/tmp/hailstack-kit/bake /var/tmp/hailstack-inputs"]
    execute_command = "sudo -n bash {{ .Path }}"
  }
  provisioner "file" {
    direction   = "download"
    sources     = ["/etc/hailstack/image.json", "/usr/share/hailstack/sbom.cdx.json", "/usr/share/hailstack/stages.tsv"]
    destination = "${var.results_dir}/"
  }
}
