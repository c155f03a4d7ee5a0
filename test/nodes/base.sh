# The bare Debian 12 that the native bake begins with, as a cloud's image would be: cloud-init, sshd, sudo. Sourced.
# shellcheck shell=bash source=place.sh
. "$(dirname "${BASH_SOURCE[0]}")/place.sh"

# The archive this machine itself installs from.
debian_archive() {
  cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep -v '^#' | grep -oE 'https?://[^ ]+/debian/?' | head -n 1
}

# make_base: once; `$base` is complete or not there.
make_base() {
  [ ! -e "$base" ] || return 0
  need_packages debootstrap:debootstrap systemd-nspawn:systemd-container
  local fresh=$base.$$ log=$place/base.log
  say "a bare root file system (a minute or two)"
  mkdir -p "$place"
  rm -rf "$fresh"
  debootstrap --variant=minbase --include=systemd-sysv,dbus,ca-certificates,iproute2,procps,curl,less \
    bookworm "$fresh" "$(debian_archive)" >"$log" 2>&1 || give_up "$fresh" "$log"
  cp /etc/resolv.conf "$fresh/etc/resolv.conf"
  rm -f "$fresh/etc/apt/sources.list"
  cp -r /etc/apt/sources.list* /etc/apt/apt.conf.d "$fresh/etc/apt/"
  inside "$fresh" sh -c '
    printf "#!/bin/sh\nexit 101\n" >/usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d
    apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
      cloud-init openssh-server sudo locales python3 udev
    rm -f /usr/sbin/policy-rc.d /etc/ssh/ssh_host_*
    apt-get clean
    : >/etc/machine-id' >>"$log" 2>&1 || give_up "$fresh" "$log"
  mv "$fresh" "$base"
}

give_up() {
  tail -n 20 "$2" >&2
  rm -rf "$1"
  exit 1
}

# inside FOLDER COMMAND…: runs it in that root file system, natively, with this machine's network; whatever it leaves
# running ends with it.
inside() {
  local folder=$1
  shift
  systemd-nspawn -q -D "$folder" --register=no --keep-unit --as-pid2 --resolv-conf=copy-host --pipe "$@"
}
