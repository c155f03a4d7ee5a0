# Nothing of the builder may be left: every trace is told, and one is enough for no image to be published.
# Sourced by clean.sh.
# shellcheck shell=bash
found=()
trace() { found+=("$1"); }
absent() {
  local path
  for path in "$@"; do
    if [ -e "$path" ] || [ -L "$path" ]; then trace "$path is there"; fi
  done
}

shopt -s nullglob dotglob
absent /etc/ssh/ssh_host_* /root/.ssh /home/*/.ssh /root/.*_history /home/*/.*_history /root/.cache /root/.netrc /home/*/.netrc
absent /var/lib/cloud/* /var/lib/dhcp/*.leases /var/lib/systemd/random-seed /var/lib/dbus/machine-id
absent /root/.config/pip /root/.pip /etc/pip.conf /root/.aws /root/.config/openstack /home/*/.config/openstack
shopt -u nullglob dotglob
[ ! -s /etc/machine-id ] || trace "/etc/machine-id is set"

while read -r file; do trace "$file is larger than 10 MB"; done < <(find /var/log -type f -size +10M)
while read -r file; do trace "$file is writable for everybody"; done < \
  <(find /etc /usr /opt /boot -xdev -perm -0002 ! -type l ! -type s 2>/dev/null)
# A proxy's password, above all.
if [ -n "$HTTP_PROXY_URL" ]; then
  while read -r file; do trace "$file names the builder's proxy"; done < <(grep -rlIF "$HTTP_PROXY_URL" /etc /root /home /opt/hailstack/*.txt /var/lib /var/log 2>/dev/null | grep -vF "$HAILSTACK_INPUTS")
fi
while IFS=: read -r name hash _; do
  case $hash in '' ) trace "user $name needs no password" ;; '$'*) trace "user $name has a password" ;; esac
done </etc/shadow

if [ "${#found[@]}" -gt 0 ]; then
  fail "$(printf 'hygiene: %s\n' "${found[@]}")"
fi
