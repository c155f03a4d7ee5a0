# shellcheck shell=bash
# Everything comes from Debian's own packages, and none of it starts by itself.

packages_installed() {
  local program
  for program in mariadbd rabbitmq-server keystone-manage glance-api nova-api neutron-server cinder-api ceph-mon radosgw tinyproxy debootstrap; do
    command -v "$program" >/dev/null || return 1
  done
}

install_packages() {
  export DEBIAN_FRONTEND=noninteractive
  local policy=/usr/sbin/policy-rc.d made=
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod +x $policy
    made=1
  fi
  apt-get update -q
  apt-get -o DPkg::Lock::Timeout=600 install -y -q --no-install-recommends \
    mariadb-server rabbitmq-server memcached uwsgi-core uwsgi-plugin-python3 \
    curl iproute2 iptables ipset conntrack dbus openssh-client \
    keystone glance-api placement-api nova-api nova-conductor nova-scheduler nova-compute nova-compute-qemu \
    neutron-server neutron-dhcp-agent neutron-l3-agent neutron-linuxbridge-agent neutron-metadata-agent \
    haproxy dnsmasq-base dnsmasq-utils \
    cinder-api cinder-scheduler cinder-volume python3-openstackclient \
    libvirt-daemon-system libvirt-clients python3-libvirt qemu-system-x86 qemu-utils qemu-block-extra \
    cloud-image-utils debootstrap e2fsprogs \
    ceph-mon ceph-mgr ceph-osd radosgw ceph-common python3-rbd python3-rados tinyproxy
  if [ -n "$made" ]; then rm -f $policy; fi
}
