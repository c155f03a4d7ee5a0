# shellcheck shell=bash
# The configuration file of each OpenStack service, printed.

# Cinder lets Nova detach a volume only when Nova proves itself with a service token; the services here are admins.
auth_section() { # USER
  cat <<E
[keystone_authtoken]
service_token_roles=admin
service_token_roles_required=true
www_authenticate_uri=http://127.0.0.1:5000/v3
auth_url=http://127.0.0.1:5000/v3
memcached_servers=127.0.0.1:11211
auth_type=password
project_domain_name=Default
user_domain_name=Default
project_name=service
username=$1
password=$PASSWORD
[oslo_messaging_notifications]
driver=noop
E
}

# How one service logs in to call another.
client_section() { # SECTION USER [KEY OF THE REGION]
  cat <<E
[$1]
auth_type=password
auth_url=http://127.0.0.1:5000/v3
project_domain_name=Default
user_domain_name=Default
project_name=service
username=$2
password=$PASSWORD
${3:-region_name}=RegionOne
E
}

keystone_config() {
  cat <<E
[database]
connection=$DATABASE/keystone
[token]
provider=fernet
[fernet_tokens]
key_repository=$LAB/fernet
[credential]
key_repository=$LAB/credential-keys
[cache]
enabled=true
backend=dogpile.cache.pymemcache
memcache_servers=127.0.0.1:11211
E
}

glance_config() {
  cat <<E
[DEFAULT]
bind_host=127.0.0.1
workers=1
enabled_backends=fs:file
[database]
connection=$DATABASE/glance
[glance_store]
default_backend=fs
[fs]
filesystem_store_datadir=$LAB/images
[paste_deploy]
flavor=keystone
$(auth_section glance)
E
}

placement_config() {
  cat <<E
[api]
auth_strategy=keystone
[placement_database]
connection=$DATABASE/placement
$(auth_section placement)
E
}

nova_config() {
  local driver=libvirt.LibvirtDriver plug_seconds=60
  if [ "$COMPUTE" = fake ]; then driver=fake.FakeDriver plug_seconds=0; fi
  cat <<E
[DEFAULT]
my_ip=127.0.0.1
host=labhost
transport_url=$QUEUE
state_path=$LAB/nova
instances_path=$LAB/instances
enabled_apis=osapi_compute,metadata
osapi_compute_listen=127.0.0.1
metadata_listen=127.0.0.1
osapi_compute_workers=1
metadata_workers=1
compute_driver=$driver
cpu_allocation_ratio=64
ram_allocation_ratio=4
disk_allocation_ratio=16
reserved_host_memory_mb=0
vif_plugging_is_fatal=false
vif_plugging_timeout=$plug_seconds
force_config_drive=true
[api_database]
connection=$DATABASE/nova_api
[database]
connection=$DATABASE/nova
[conductor]
workers=1
[scheduler]
workers=1
discover_hosts_in_cells_interval=3
[glance]
api_servers=http://127.0.0.1:9292
[oslo_concurrency]
lock_path=$RUN/nova-locks
[vnc]
enabled=false
[libvirt]
virt_type=qemu
cpu_mode=custom
cpu_models=Haswell-noTSX
inject_partition=-2
rbd_user=admin
rbd_secret_uuid=$CEPH_SECRET
$(client_section neutron neutron)
service_metadata_proxy=true
metadata_proxy_shared_secret=$PASSWORD
$(client_section placement placement)
$(client_section cinder cinder os_region_name)
$(client_section service_user nova)
send_service_user_token=true
$(auth_section nova)
E
}

neutron_config() {
  cat <<E
[DEFAULT]
bind_host=127.0.0.1
host=labhost
core_plugin=ml2
service_plugins=router
transport_url=$QUEUE
api_workers=1
rpc_workers=1
state_path=$LAB/neutron
notify_nova_on_port_status_changes=true
notify_nova_on_port_data_changes=true
[database]
connection=$DATABASE/neutron
[oslo_concurrency]
lock_path=$RUN/neutron-locks
[agent]
root_helper=
[experimental]
linuxbridge=true
$(client_section nova nova)
$(client_section placement placement)
$(auth_section neutron)
E
}

ml2_config() {
  cat <<E
[ml2]
type_drivers=flat,local
tenant_network_types=local
mechanism_drivers=linuxbridge
extension_drivers=port_security
[ml2_type_flat]
flat_networks=public
E
}

linuxbridge_config() {
  cat <<E
[linux_bridge]
physical_interface_mappings=public:pub1
[vxlan]
enable_vxlan=false
[securitygroup]
enable_security_group=true
firewall_driver=iptables
[agent]
root_helper=
E
}

cinder_config() {
  cat <<E
[DEFAULT]
osapi_volume_listen=127.0.0.1
osapi_volume_workers=1
my_ip=127.0.0.1
host=labhost
transport_url=$QUEUE
auth_strategy=keystone
enabled_backends=ceph
state_path=$LAB/cinder
default_volume_type=__DEFAULT__
glance_api_servers=http://127.0.0.1:9292
[ceph]
volume_driver=cinder.volume.drivers.rbd.RBDDriver
volume_backend_name=ceph
rbd_pool=volumes
rbd_user=admin
rbd_ceph_conf=/etc/ceph/ceph.conf
rbd_secret_uuid=$CEPH_SECRET
[database]
connection=$DATABASE/cinder
[oslo_concurrency]
lock_path=$RUN/cinder-locks
$(auth_section cinder)
E
}

tinyproxy_config() {
  cat <<E
Port 3128
Listen $EXTERNAL.1
Timeout 600
Allow $EXTERNAL.0/24
ConnectPort 443
MaxClients 200
LogLevel Warning
E
}

libvirt_secret() {
  cat <<E
<secret ephemeral="no" private="no">
  <uuid>$CEPH_SECRET</uuid>
  <usage type="ceph"><name>client.admin secret</name></usage>
</secret>
E
}
