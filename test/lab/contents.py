"""The cloud's contents: three networks, flavours, the image debian-12, quotas of the project `demo`."""
import sys

import openstack

folder, external = sys.argv[1:]
cloud = openstack.connect()


def add_networks():
    network = cloud.network
    public = network.create_network(
        name="public", is_router_external=True, provider_network_type="flat", provider_physical_network="public"
    )
    network.create_subnet(
        network_id=public.id,
        name="public",
        ip_version=4,
        cidr=f"{external}.0/24",
        gateway_ip=f"{external}.1",
        is_dhcp_enabled=False,
        allocation_pools=[{"start": f"{external}.100", "end": f"{external}.200"}],
    )
    add_shared_network("lustre_network", "10.98.0", gateway=None)
    management = add_shared_network("cloudforms_network", "10.99.0", gateway="10.99.0.1")
    router = network.create_router(name="lab", external_gateway_info={"network_id": public.id})
    network.add_interface_to_router(router, subnet_id=management.id)


def add_shared_network(name, prefix, gateway):
    network = cloud.network.create_network(name=name, is_shared=True)
    return cloud.network.create_subnet(
        network_id=network.id, name=name, ip_version=4, cidr=f"{prefix}.0/22", gateway_ip=gateway
    )


def add_flavours():
    sizes = (
        ("m2.tiny", 1, 1, 4),
        ("m2.small", 1, 2, 8),
        ("m2.medium", 2, 4, 12),
        ("m2.worker", 1, 4, 12),
        # One core: a JVM has died of an illegal instruction in its own fresh code under the emulator's two threads.
        ("m2.build", 1, 6, 12),
        ("m2.large", 2, 6, 16),
        ("m2.2xlarge", 8, 32, 40),
    )
    for name, vcpus, ram_gib, disk_gib in sizes:
        cloud.compute.create_flavor(name=name, vcpus=vcpus, ram=ram_gib * 1024, disk=disk_gib)


def upload(name, disk_format, file, **properties):
    container = disk_format if disk_format in ("aki", "ari") else "bare"
    return cloud.create_image(
        name,
        filename=f"{folder}/{file}",
        disk_format=disk_format,
        container_format=container,
        wait=True,
        validate_checksum=False,
        visibility="public",
        **properties,
    )


def add_images():
    kernel = upload("lab-kernel", "aki", "vmlinuz")
    initrd = upload("lab-initrd", "ari", "initrd")
    upload(
        "debian-12",
        "qcow2",
        "root.qcow2",
        kernel_id=kernel.id,
        ramdisk_id=initrd.id,
        os_command_line="root=/dev/vda console=ttyS0 net.ifnames=0",
        hw_rng_model="virtio",
    )


add_networks()
add_flavours()
add_images()
demo = cloud.identity.find_project("demo")
cloud.set_compute_quotas(demo.id, instances=10, cores=64, ram=131072)
