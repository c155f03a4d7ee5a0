# The ground everything stands on: a settled system, the site's authorities and mirrors, our users, tools and limits.
# shellcheck shell=bash
. "$HAILSTACK_KIT/lib.sh"

# First boot is still at work when SSH answers; it holds apt's lock and writes what is read below.
if command -v cloud-init >/dev/null && [ -d /run/cloud-init ]; then
  cloud-init status --wait >/dev/null || say "cloud-init ended with trouble of its own: $(cloud-init status)"
fi
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
fi
[ ! -x /usr/sbin/update-ca-certificates ] || update-ca-certificates >/dev/null 2>&1

# The archive and, beside it, the one for security updates; other sources stay as they are.
if [ -n "$APT_MIRROR" ]; then
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
    [ -f "$file" ] || continue
    sed -E -i \
      -e "s#https?://[^ ]+/(debian|ubuntu)-security/?( |\$)#${APT_MIRROR%/*}/\1-security\2#" \
      -e "s#https?://[^ ]+/(debian|ubuntu)/?( |\$)#$APT_MIRROR\2#" "$file"
  done
fi

apt-get -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 update -q
apt-get -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 upgrade -y -q
install_packages "${packages_base[@]}"
update-ca-certificates >/dev/null 2>&1

systemd-sysusers hailstack.conf
for wanted in hdfs:981 yarn:982 mapred:983 spark:984; do
  [ "$(id -u "${wanted%:*}")" = "${wanted#*:}" ] || fail "user ${wanted%:*} must have the id ${wanted#*:}, the base image gives it to another"
done
systemd-tmpfiles --create hailstack.conf
mkdir -p /var/log/journal
systemctl enable hailstack-metadata.service
