# Takes away what belongs to the builder and not to the image, and looks whether it is all gone.
# shellcheck shell=bash
. "$HAILSTACK_KIT/lib.sh"

apt autoremove --purge
apt-get clean
rm -f "$apt_password"
rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/debconf/*-old /var/lib/dpkg/*-old
rm -rf /usr/share/doc/* /usr/share/info/* /usr/share/man/* /usr/share/lintian
find /usr/share/locale -mindepth 1 -maxdepth 1 ! -name 'en*' ! -name 'locale.alias' -exec rm -rf {} +
rm -rf /root/.cache /root/.config /root/.ivy2
# All but what the bake itself still reads, which it removes last.
find /tmp /var/tmp -mindepth 1 -maxdepth 1 ! -path "$HAILSTACK_KIT" ! -path "$HAILSTACK_INPUTS" ! -path "$HAILSTACK_WORK" \
  -exec rm -rf {} +
find "$HAILSTACK_WORK" -mindepth 1 ! -name begun -delete

# Whoever boots the image gets names, numbers and keys of their own.
! command -v cloud-init >/dev/null || cloud-init clean --logs --seed >/dev/null
rm -rf /var/lib/cloud/* /run/cloud-init/instance-data*.json
# A seed that is saved again when the builder shuts down would be the same on every node.
systemctl stop systemd-random-seed.service 2>/dev/null || true
rm -f /etc/ssh/ssh_host_* /etc/netplan/50-cloud-init.yaml /etc/network/interfaces.d/50-cloud-init /var/lib/dhcp/*.leases /var/lib/systemd/random-seed \
  /var/lib/systemd/credential.secret /var/lib/dbus/machine-id /etc/hostname
: >/etc/machine-id
rm -rf /root/.ssh /home/*/.ssh /root/.bash_history /home/*/.bash_history /root/.python_history /home/*/.python_history \
  /root/.lesshst /home/*/.lesshst /home/*/.cache /home/*/.sudo_as_admin_successful
# From here on the journal is kept in memory, and is gone with the builder.
journalctl --relinquish-var 2>/dev/null || true
rm -rf /var/log/journal/*
# The self-test's, of a user who is none of the cluster's.
rm -rf /var/log/hail/* /var/lib/hailstack/tmp/* /var/lib/hailstack/spark/local/* /var/lib/hailstack/spark/work/*
# What the builder logged says nothing of the servers to come. Files of daemons that still write are emptied.
find /var/log -type f \( -name '*.gz' -o -name '*.[0-9]' -o -name '*.journal' \) -delete
# -c: the kernel lets nobody, and not even root, open a file of others with O_CREAT where everybody may write.
find /var/log -type f -exec truncate -c -s 0 {} +

. "$HAILSTACK_KIT/scripts/hygiene.sh"
# So that the image is as small as what it holds. A container's disk is its host's.
systemd-detect-virt -cq || fstrim / || true
sync
