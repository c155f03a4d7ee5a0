# shellcheck shell=bash
# This machine as a network node and a hypervisor.

up_host() {
  say "network agents, hypervisor"
  mkdir -p /run/dbus /run/libvirt
  [ -S /run/dbus/system_bus_socket ] || dbus-daemon --system --fork || true
  up_external_network
  # The machines' only way out.
  tinyproxy_config >"$ETC/tinyproxy.conf"
  run tinyproxy tinyproxy -d -c "$ETC/tinyproxy.conf"
  up_agents
  if [ "$COMPUTE" = qemu ]; then up_libvirt; fi
  run nova-compute nova-compute --config-file "$ETC/nova.conf"
  wait_agents
}

# The network `public` is a pair of interfaces: pub1 is Neutron's, pub0 is this machine's leg on it.
up_external_network() {
  ip link show pub0 >/dev/null 2>&1 || ip link add pub0 type veth peer name pub1
  ip addr replace "$EXTERNAL.1/24" dev pub0
  ip link set pub0 up
  ip link set pub1 up
  sysctl -qw net.ipv4.ip_forward=1
  sysctl -qw net.bridge.bridge-nf-call-iptables=1 2>/dev/null || true
}

up_agents() {
  linuxbridge_config >"$ETC/linuxbridge.ini"
  printf '[DEFAULT]\ninterface_driver=linuxbridge\n[agent]\nroot_helper=\n' >"$ETC/l3.ini"
  printf '[DEFAULT]\ninterface_driver=linuxbridge\nenable_isolated_metadata=true\n' >"$ETC/dhcp.ini"
  printf '[DEFAULT]\nnova_metadata_host=127.0.0.1\nmetadata_proxy_shared_secret=%s\n' "$PASSWORD" >"$ETC/metadata.ini"
  local neutron=(--config-file "$ETC/neutron.conf")
  run neutron-linuxbridge neutron-linuxbridge-agent "${neutron[@]}" --config-file "$ETC/ml2.ini" \
    --config-file "$ETC/linuxbridge.ini"
  run neutron-dhcp neutron-dhcp-agent "${neutron[@]}" --config-file "$ETC/dhcp.ini"
  run neutron-l3 neutron-l3-agent "${neutron[@]}" --config-file "$ETC/l3.ini"
  run neutron-metadata neutron-metadata-agent "${neutron[@]}" --config-file "$ETC/metadata.ini"
}

# Emulation as root, without confinement: such a machine has no hardware support and nothing to protect.
up_libvirt() {
  printf '%s\n' 'user = "root"' 'group = "root"' 'security_driver = "none"' 'cgroup_controllers = [ ]' \
    'remember_owner = 0' >/etc/libvirt/qemu.conf
  printf 'auth_unix_rw="none"\n' >"$ETC/libvirtd.conf"
  run virtlogd virtlogd
  run libvirtd libvirtd -f "$ETC/libvirtd.conf"
  for _ in $(seq 40); do
    virsh -q -c qemu:///system version >/dev/null 2>&1 && break
    sleep 0.5
  done
  libvirt_secret >"$ETC/secret.xml"
  virsh -q -c qemu:///system secret-define "$ETC/secret.xml" >/dev/null
  virsh -q -c qemu:///system secret-set-value "$CEPH_SECRET" --base64 "$(ceph auth get-key client.admin)" >/dev/null 2>&1
}

wait_agents() {
  for _ in $(seq 120); do
    if [ "$(as_admin openstack network agent list -f value -c Alive 2>/dev/null | grep -c True)" = 4 ] &&
      as_admin openstack compute service list --service nova-compute -f value -c State 2>/dev/null | grep -q up; then
      nova-manage --config-file "$ETC/nova.conf" cell_v2 discover_hosts >"$LOG/nova-discover.log" 2>&1
      return 0
    fi
    sleep 1
  done
  say "the agents are not all up; see $LOG"
  return 1
}
