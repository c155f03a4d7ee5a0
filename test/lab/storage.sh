# shellcheck shell=bash
# What the services keep their data in: databases, the message queue, Ceph.

up_databases() {
  say "MariaDB, RabbitMQ, memcached"
  mkdir -p /run/mysqld /var/lib/rabbitmq /var/log/rabbitmq
  chown mysql:mysql /run/mysqld
  chown rabbitmq /var/lib/rabbitmq /var/log/rabbitmq
  run mariadb mysqld_safe --bind-address=127.0.0.1 --innodb-flush-log-at-trx-commit=0 --max-connections=2000 \
    --performance-schema=OFF
  run memcached memcached -u nobody -l 127.0.0.1
  RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 HOSTNAME=localhost RABBITMQ_NODENAME=rabbit@localhost ERL_EPMD_ADDRESS=127.0.0.1 \
    RABBITMQ_PID_FILE=/var/lib/rabbitmq/lab.pid run rabbitmq rabbitmq-server
  wait_port 3306
  wait_port 11211
  wait_port 5672
  local name host
  for name in keystone glance placement nova nova_api nova_cell0 neutron cinder; do
    mysql -e "DROP DATABASE IF EXISTS $name; CREATE DATABASE $name;"
    for host in localhost 127.0.0.1; do
      mysql -e "GRANT ALL ON $name.* TO 'os'@'$host' IDENTIFIED BY '$PASSWORD';"
    done
  done
}

ceph_config() { # FSID
  cat <<E
[global]
fsid=$1
mon_host=[v2:127.0.0.1:3300,v1:127.0.0.1:6789]
public_network=127.0.0.0/8
cluster_network=127.0.0.0/8
osd_pool_default_size=1
osd_pool_default_min_size=1
osd_pool_default_pg_num=8
osd_crush_chooseleaf_type=0
mon_allow_pool_size_one=true
mon_warn_on_pool_no_redundancy=false
auth_allow_insecure_global_id_reclaim=false
osd_objectstore=bluestore
bluestore_block_size=34359738368
osd_memory_target=900000000
# On a machine whose cores are busy an OSD is late with its leases, and its groups stay as good as dead.
osd_heartbeat_grace=600
log_to_stderr=true
log_file=
mon_cluster_log_file=
run_dir=$CEPH
admin_socket=$CEPH/\$name.asok
[mon]
mon_data=$CEPH/mon
mon_data_avail_crit=1
mon_data_avail_warn=2
[mgr]
mgr_data=$CEPH/mgr
[osd]
osd_data=$CEPH/osd
[client.rgw]
rgw_frontends=beast endpoint=0.0.0.0:7480
rgw_data=$CEPH/rgw
keyring=$CEPH/rgw/keyring
E
}

up_ceph() {
  say "Ceph: monitor, manager, one OSD, S3 gateway on port 7480"
  local fsid osd_uuid osd_key osd_id admin=/etc/ceph/ceph.client.admin.keyring
  fsid=$(cat /proc/sys/kernel/random/uuid)
  osd_uuid=$(cat /proc/sys/kernel/random/uuid)
  rm -rf "$CEPH"
  mkdir -p "$CEPH"/{mon,mgr,osd,rgw} /etc/ceph
  ceph_config "$fsid" >/etc/ceph/ceph.conf

  ceph-authtool -C "$CEPH/mon.keyring" --gen-key -n mon. --cap mon 'allow *' >/dev/null
  ceph-authtool -C $admin --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *' >/dev/null
  ceph-authtool "$CEPH/mon.keyring" --import-keyring $admin >/dev/null
  monmaptool --create --clobber --addv a "[v2:127.0.0.1:3300,v1:127.0.0.1:6789]" --fsid "$fsid" "$CEPH/monmap" >/dev/null
  ceph-mon --mkfs -i a --monmap "$CEPH/monmap" --keyring "$CEPH/mon.keyring" >/dev/null 2>&1
  run ceph-mon ceph-mon -i a -f --public-addr 127.0.0.1

  timeout 60 ceph auth get-or-create mgr.x mon 'allow profile mgr' osd 'allow *' -o "$CEPH/mgr/keyring"
  run ceph-mgr ceph-mgr -i x -f

  osd_key=$(ceph-authtool --gen-print-key)
  osd_id=$(echo "{\"cephx_secret\":\"$osd_key\"}" | ceph osd new "$osd_uuid" -i -)
  ceph-authtool -C "$CEPH/osd/keyring" -n "osd.$osd_id" --add-key "$osd_key" >/dev/null
  ceph-osd -i "$osd_id" --mkfs --osd-uuid "$osd_uuid" >/dev/null 2>&1
  run ceph-osd ceph-osd -i "$osd_id" -f

  ceph auth get-or-create client.rgw mon 'allow rw' osd 'allow rwx' mgr 'allow rw' -o "$CEPH/rgw/keyring"
  run ceph-rgw radosgw -n client.rgw -f
  wait_port 7480
  ceph osd pool create volumes 8 >/dev/null 2>&1
  timeout 60 rbd pool init volumes
  s3_user hailstack HAILSTACKSTATEKEY hailstack-state-secret
  s3_user data HAILSTACKDATAKEY hailstack-data-secret
}

s3_user() { # NAME ACCESS-KEY SECRET-KEY
  radosgw-admin user create --uid="$1" --display-name="$1" --access-key="$2" --secret="$3" >/dev/null 2>&1
}
