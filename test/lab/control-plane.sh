# shellcheck shell=bash
# Keystone, then Glance, Placement, Nova, Neutron and Cinder, each with a fresh database.

up_keystone() {
  say "Keystone"
  keystone_config >"$ETC/keystone.conf"
  (umask 077 && mkdir -p "$LAB/fernet" "$LAB/credential-keys")
  local manage=(keystone-manage --config-file "$ETC/keystone.conf") url=http://127.0.0.1:5000/v3/
  {
    "${manage[@]}" db_sync
    "${manage[@]}" fernet_setup --keystone-user root --keystone-group root
    "${manage[@]}" credential_setup --keystone-user root --keystone-group root
    "${manage[@]}" bootstrap --bootstrap-password "$PASSWORD" --bootstrap-region-id RegionOne \
      --bootstrap-public-url $url --bootstrap-internal-url $url --bootstrap-admin-url $url
  } >"$LOG/keystone-sync.log" 2>&1
  OS_KEYSTONE_CONFIG_FILES=$ETC/keystone.conf run keystone uwsgi --plugin python3 --http11-socket 127.0.0.1:5000 \
    --wsgi-file /usr/bin/keystone-wsgi-public --processes 1 --threads 8 --die-on-term \
    --pyargv "--config-file $ETC/keystone.conf"
  wait_port 5000
  as_admin /usr/bin/python3 "$HERE/identities.py" "$PASSWORD"
}

up_services() {
  say "Glance, Placement, Nova, Neutron, Cinder ($COMPUTE compute)"
  mkdir -p /etc/placement "$LAB"/{nova,neutron,cinder,images,instances} "$RUN"/{nova,neutron,cinder}-locks
  glance_config >"$ETC/glance-api.conf"
  placement_config >/etc/placement/placement.conf
  nova_config >"$ETC/nova.conf"
  neutron_config >"$ETC/neutron.conf"
  ml2_config >"$ETC/ml2.ini"
  cinder_config >"$ETC/cinder.conf"
  sync_databases

  run glance glance-api --config-file "$ETC/glance-api.conf"
  run placement uwsgi --plugin python3 --http11-socket 127.0.0.1:8778 --wsgi-file /usr/bin/placement-api \
    --processes 1 --threads 4 --die-on-term
  local part port
  for part in conductor scheduler api; do run nova-$part nova-$part --config-file "$ETC/nova.conf"; done
  run neutron-server neutron-server --config-file "$ETC/neutron.conf" --config-file "$ETC/ml2.ini"
  for part in scheduler volume api; do run cinder-$part cinder-$part --config-file "$ETC/cinder.conf"; done
  for port in 9292 8778 8774 9696 8776; do wait_port $port; done
}

# All at once: each takes half a minute, most of it waiting for the database.
sync_databases() {
  local pids=() pid
  sync_database glance glance-manage --config-file "$ETC/glance-api.conf" db_sync
  sync_database placement placement-manage db sync
  sync_database neutron neutron-db-manage --config-file "$ETC/neutron.conf" --config-file "$ETC/ml2.ini" upgrade head
  sync_database cinder cinder-manage --config-file "$ETC/cinder.conf" db sync
  sync_database nova sync_nova
  for pid in "${pids[@]}"; do
    wait "$pid" || {
      say "a database could not be made; see $LOG/*-sync.log"
      return 1
    }
  done
}

# Adds to the pids of its caller.
sync_database() { # SERVICE COMMAND...
  local log=$LOG/$1-sync.log
  shift
  "$@" >"$log" 2>&1 &
  pids+=($!)
}

sync_nova() {
  local manage=(nova-manage --config-file "$ETC/nova.conf")
  "${manage[@]}" api_db sync
  "${manage[@]}" cell_v2 map_cell0 --database_connection "$DATABASE/nova_cell0"
  "${manage[@]}" db sync
  "${manage[@]}" cell_v2 create_cell --name cell1
}
