# One node: its place on the bridge, its file system, its seed, its power. Sourced.
# shellcheck shell=bash source=base.sh
. "$(dirname "${BASH_SOURCE[0]}")/base.sh"
net=${HAILSTACK_NODES_NET:-10.97.0} bridge=hsbr${bed:-0}

space_of() { printf 'hs%s-%s' "$bed" "$1"; }
# Interface names have 15 characters at most, machine names 64.
short_of() { printf 'hs%s' "$(printf %s "$bed$1" | md5sum | cut -c 1-8)"; }

check_name() { [[ $1 =~ ^[a-z0-9][a-z0-9-]*$ ]] || { say "no node can have the name '$1'" && exit 2; }; }

# Once for a bed, whoever comes first.
make_bridge() {
  ip link add "$bridge" type bridge 2>/dev/null || true
  ip addr replace "$net.1/24" dev "$bridge"
  ip link set "$bridge" up
}

# make_node NAME ADDRESS ROOT SEED MIB: all but power. SEED has user-data and meta-data, or is empty; MIB may be empty.
make_node() {
  local name=$1 address=$2 lower=$3 seed=$4 memory=$5 folder=$nodes/$1 space veth
  space=$(space_of "$name") veth=$(short_of "$name")
  check_name "$name"
  [[ $address == "$net."* ]] || { say "$address is not of this bed's network, $net.0/24" && exit 2; }
  [ -d "$lower" ] || { say "no root file system at $lower" && exit 2; }
  make_bridge
  mkdir -p "$nodes"
  mkdir "$folder" "$folder"/{upper,work,root}
  printf '%s\n' "$address" >"$folder/address"
  printf '%s\n' "$memory" >"$folder/memory"
  mount -t overlay overlay -o "lowerdir=$lower,upperdir=$folder/upper,workdir=$folder/work" "$folder/root"
  ip netns add "$space"
  ip link add "$veth" type veth peer name eth0 netns "$space"
  ip link set "$veth" master "$bridge" up
  ip -n "$space" link set lo up
  ip -n "$space" addr add "$address/24" dev eth0
  ip -n "$space" link set eth0 up
  ip -n "$space" route add default via "$net.1"
  seed_node "$name" "$folder/root" "$seed"
}

seed_node() {
  local name=$1 root=$2 seed=$3 to=$2/var/lib/cloud/seed/nocloud key=${HAILSTACK_NODES_SSH_KEY:-}
  : >"$root/etc/machine-id"
  rm -f "$root/etc/resolv.conf"
  mkdir -p "$to" "$root/etc/cloud/cloud.cfg.d"
  # A minimal root has no locales to set, and its network is set from outside; an RSA key takes a second to find.
  printf 'datasource_list: [NoCloud]\nnetwork: {config: disabled}\nlocale: false\nssh_genkeytypes: [ecdsa, ed25519]\n' >"$root/etc/cloud/cloud.cfg.d/99-node.cfg"
  if [ -n "$seed" ] && [ -e "$seed/user-data" ]; then
    install -m 600 "$seed/user-data" "$to/user-data"
  else
    printf '#cloud-config\nusers: [{name: ubuntu, uid: "1000", shell: /bin/bash, sudo: "ALL=(ALL) NOPASSWD:ALL", ssh_authorized_keys: [%s]}]\n' \
      "${key:+\"$key\"}" >"$to/user-data"
  fi
  if [ -n "$seed" ] && [ -e "$seed/meta-data" ]; then
    install -m 600 "$seed/meta-data" "$to/meta-data"
  else
    printf 'instance-id: %s-%s\nlocal-hostname: %s\n' "$name" "$(date +%s)" "$name" >"$to/meta-data"
  fi
}

# Takes everything of it away, whatever state it is in.
unmake_node() {
  local name=$1
  check_name "$name"
  power_off "$name"
  # The veth first: with its name space it would go later, and its name be taken.
  ip link del "$(short_of "$name")" 2>/dev/null || true
  umount "$nodes/$name/root" 2>/dev/null || umount -l "$nodes/$name/root" 2>/dev/null || true
  ip netns del "$(space_of "$name")" 2>/dev/null || true
  rm -rf "${nodes:?}/$name"
}

# The control groups of its processes that are there: in the unified hierarchy, and in those of older kernels.
groups_of() {
  local top
  for top in $(findmnt -n -o TARGET -t "cgroup,cgroup2"); do
    [ ! -d "$top/$(space_of "$1")" ] || printf '%s\n' "$top/$(space_of "$1")"
  done
}

# This process, and all that it starts, is the node NAME, and gets no more memory than that has.
become_node() {
  local name=$1 mib top group
  mib=$(cat "$nodes/$name/memory")
  for top in $(findmnt -n -o TARGET -t cgroup2) $(findmnt -n -o TARGET -t cgroup -O memory); do
    group=$top/$(space_of "$name")
    mkdir -p "$group"
    for limit in memory.max memory.limit_in_bytes; do
      [ -z "$mib" ] || [ ! -e "$group/$limit" ] || printf '%s' "$((mib * 1048576))" >"$group/$limit"
    done
    printf '%s' "$BASHPID" >"$group/cgroup.procs"
  done
}

# Boots what NAME's file system holds, also after a power cut; ends when its process 1 is there.
power_on() {
  local name=$1 folder=$nodes/$1
  setsid "$here/nodes" power "$name" </dev/null >>"$folder/console.log" 2>&1 &
  printf '%s\n' "$!" >"$folder/pid"
  wait_init "$name"
}

wait_init() {
  local name=$1 folder=$nodes/$1 init
  for _ in $(seq 200); do
    init=$(init_of "$name") && [ "$(cat "/proc/$init/comm" 2>/dev/null)" = systemd ] && return
    is_on "$name" || break
    sleep 0.05
  done
  say "$name does not start: $(tail -n 3 "$folder/console.log" | tr '\n' ' ')"
  exit 1
}

# What `power` does for as long as the node has any: a reboot inside ends nspawn with 133, and it begins anew.
run_node() {
  local name=$1 folder=$nodes/$1 code=133
  become_node "$name"
  while [ "$code" = 133 ]; do
    code=0
    SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 systemd-nspawn --register=no --keep-unit -q \
      --network-namespace-path="/run/netns/$(space_of "$name")" -M "$(short_of "$name")" -D "$folder/root" --boot \
      --console=read-only --resolv-conf=off --capability=CAP_NET_ADMIN || code=$?
  done
}

# The process that is 1 inside.
init_of() {
  local outer
  outer=$(pgrep -x -P "$(cat "$nodes/$1/pid")" systemd-nspawn) && pgrep -P "$outer" | head -n 1
}

is_on() { [ -e "$nodes/$1/pid" ] && [ -d "/proc/$(cat "$nodes/$1/pid")" ]; }

# A power cut: nothing is told, nothing is written.
power_off() {
  local group
  for group in $(groups_of "$1"); do
    [ ! -e "$group/cgroup.kill" ] || printf 1 >"$group/cgroup.kill"
  done
  for _ in $(seq 100); do
    is_on "$1" || break
    sleep 0.05
  done
  for group in $(groups_of "$1"); do find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true; done
}

# Tells process 1 (reboot RTMIN+5, power off RTMIN+4), and waits until that is done: two minutes for what must stop.
tell_init() {
  local name=$1 signal=$2 old
  old=$(init_of "$name") || { say "$name is off" && exit 2; }
  kill -s "$signal" "$old"
  for _ in $(seq 1200); do
    [ -d "/proc/$old" ] || return 0
    sleep 0.1
  done
  say "$name does not end"
  exit 1
}

node_exec() {
  local inner
  inner=$(init_of "$1")
  shift
  nsenter -t "$inner" -m -p -u -i -n -r -w env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 "$@"
}

# A second address, which this machine alone has a way to, as the world has to a floating IP.
float_on() {
  ip -n "$(space_of "$1")" addr replace "$2/32" dev eth0
  ip route replace "$2/32" dev "$bridge"
}
float_off() {
  ip route del "$2/32" dev "$bridge" 2>/dev/null || true
  ip -n "$(space_of "$1")" addr del "$2/32" dev eth0 2>/dev/null || true
}
