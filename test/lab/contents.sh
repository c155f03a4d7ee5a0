# shellcheck shell=bash
# What a user finds in the cloud: networks, flavours, an image, quotas, and the files with the credentials.

fill() {
  local folder=$LAB/placeholder
  if [ "$COMPUTE" = qemu ]; then folder=$BASE; fi
  if [ "$COMPUTE" = qemu ]; then base_image; else placeholder_image "$folder"; fi
  say "networks, flavours, image, quotas"
  as_admin /usr/bin/python3 "$HERE/contents.py" "$folder" "$EXTERNAL"
  print_clouds_yaml >"$LAB/clouds.yaml"
  print_env >"$LAB/env"
}

# Servers of the fake driver boot nothing.
placeholder_image() { # FOLDER
  mkdir -p "$1"
  local file
  for file in vmlinuz initrd root.qcow2; do echo placeholder >"$1/$file"; done
}

# A Debian 12 root file system with its kernel and initrd beside it, made once and kept.
base_image() {
  [ ! -e "$BASE/done" ] || return 0
  local mirror root=$BASE/root
  mirror=$(debian_mirror)
  say "base image: debootstrap Debian 12 (a minute or two; log: $LOG/debootstrap.log)"
  rm -rf "$BASE"
  mkdir -p "$BASE"
  install_system "$root" "$mirror" >"$LOG/debootstrap.log" 2>&1
  # Each machine makes its own.
  rm -f "$root"/etc/ssh/ssh_host_* "$root/var/cache/apt/archives/"*.deb
  : >"$root/etc/machine-id"
  printf '/dev/vda / ext4 defaults 0 1\n' >"$root/etc/fstab"
  printf 'locale: C.UTF-8\nsystem_info:\n  default_user:\n    name: %s\n' "${LAB_USER:-debian}" \
    >"$root/etc/cloud/cloud.cfg.d/90-lab.cfg"
  cp "$root"/boot/vmlinuz-* "$BASE/vmlinuz"
  cp "$root"/boot/initrd.img-* "$BASE/initrd"
  truncate -s 3G "$BASE/root.img"
  mke2fs -q -F -t ext4 -d "$root" "$BASE/root.img"
  qemu-img convert -O qcow2 -c "$BASE/root.img" "$BASE/root.qcow2"
  rm -rf "$BASE/root.img" "$root"
  touch "$BASE/done"
}

install_system() { # ROOT MIRROR
  debootstrap --variant=minbase --include=systemd-sysv,dbus,ca-certificates bookworm "$1" "$2"
  cp /etc/resolv.conf "$1/etc/resolv.conf"
  printf 'deb %s bookworm main contrib\ndeb %s bookworm-updates main\ndeb %s-security bookworm-security main\n' \
    "$2" "$2" "$2" >"$1/etc/apt/sources.list"
  mount -t proc proc "$1/proc"
  chroot "$1" apt-get update -q
  DEBIAN_FRONTEND=noninteractive chroot "$1" apt-get install -y -q --no-install-recommends \
    linux-image-cloud-amd64 cloud-init netplan.io systemd-resolved openssh-server sudo locales \
    python3 python3-apt curl iproute2 less procps
  umount "$1/proc"
}

# Where this machine itself has its packages from.
debian_mirror() {
  local url
  url=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep -v '^#' | grep -oE 'https?://[^ ]+/debian/?' | head -1 || true)
  if [ -z "$url" ]; then
    say "no Debian mirror in /etc/apt/sources.list*"
    return 1
  fi
  echo "${url%/}"
}

clouds_entry() { # NAME USER PASSWORD
  cat <<E
  $1:
    auth:
      auth_url: http://127.0.0.1:5000/v3
      username: $2
      password: $3
      project_name: $2
      user_domain_name: Default
      project_domain_name: Default
    region_name: RegionOne
    identity_api_version: 3
E
}

print_clouds_yaml() {
  echo clouds:
  clouds_entry lab demo demo
  clouds_entry lab-admin admin "$PASSWORD"
}

print_env() {
  cat <<E
export OS_AUTH_URL=http://127.0.0.1:5000/v3 OS_USERNAME=demo OS_PASSWORD=demo OS_PROJECT_NAME=demo OS_USER_DOMAIN_NAME=Default OS_PROJECT_DOMAIN_NAME=Default OS_REGION_NAME=RegionOne OS_IDENTITY_API_VERSION=3
export CEPH_S3_ACCESS_KEY=HAILSTACKSTATEKEY CEPH_S3_SECRET_KEY=hailstack-state-secret S3A_ACCESS_KEY=HAILSTACKDATAKEY S3A_SECRET_KEY=hailstack-data-secret
export LAB_S3_ENDPOINT=http://$EXTERNAL.1:7480 LAB_HTTP_PROXY=http://$EXTERNAL.1:3128 LAB_CLOUDS_YAML=$LAB/clouds.yaml
E
}
