# The ground everything stands on: a settled system, the site's authorities and mirrors, our users, tools and limits.
# shellcheck shell=bash
. "$HAILSTACK_KIT/lib.sh"

# First boot is still at work when SSH answers; it holds apt's lock and writes what is read below.
if command -v cloud-init >/dev/null && [ -d /run/cloud-init ]; then
  cloud-init status --wait >/dev/null || say "cloud-init ended with trouble of its own: $(cloud-init status)"
fi
# By themselves they would begin at any moment; the first may have begun, and holds the lock that apt does not wait for.
systemctl stop apt-daily.service 2>/dev/null || true
for unit in apt-daily.timer apt-daily-upgrade.timer unattended-upgrades.service; do
  systemctl disable --now "$unit" 2>/dev/null || true
  ln -sf /dev/null "/etc/systemd/system/$unit"
done

# One certificate a file, as update-ca-certificates wants them.
if [ -e "$HAILSTACK_INPUTS/ca.pem" ]; then
  folder=/usr/local/share/ca-certificates/hailstack
  rm -rf "$folder"
  mkdir -p "$folder"
  awk -v folder="$folder" '
    /-----BEGIN CERTIFICATE-----/ { inside = 1; file = sprintf("%s/site-%03d.crt", folder, ++count) }
    inside { print >file }
    /-----END CERTIFICATE-----/ { inside = 0; close(file) }' "$HAILSTACK_INPUTS/ca.pem"
  [ -n "$(ls -A "$folder")" ] || fail "packer.ca_file holds no certificate"
fi
trust() { update-ca-certificates >"$HAILSTACK_WORK/trust.log" 2>&1 || fail "$(cat "$HAILSTACK_WORK/trust.log")"; }
# An archive behind the site's own authority is asked for its packages with it. Whoever has no such program yet gets it
# among them.
trusted=
if [ -x /usr/sbin/update-ca-certificates ]; then
  trust
  trusted=1
fi

[ -z "$APT_MIRROR" ] || . "$HAILSTACK_KIT/scripts/archive.sh"
apt update
apt upgrade
install_packages "${packages_base[@]}"
[ -n "$trusted" ] || trust

systemd-sysusers hailstack.conf
[ "$(getent group hadoop | cut -d : -f 3)" = 980 ] || fail "group hadoop must have the id 980, the base image gives it to another"
for wanted in hdfs:981 yarn:982 mapred:983 spark:984; do
  [ "$(id -u "${wanted%:*}")" = "${wanted#*:}" ] || fail "user ${wanted%:*} must have the id ${wanted#*:}, the base image gives it to another"
done
systemd-tmpfiles --create hailstack.conf
mkdir -p /var/log/journal
systemctl enable hailstack-metadata.service
