# Nothing of the builder may be left: every trace is told, and one is enough for no image to be published.
# Sourced by clean.sh.
# shellcheck shell=bash disable=SC2154
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
absent /var/lib/cloud/* /var/lib/dhcp/*.leases /var/lib/systemd/random-seed /var/lib/systemd/credential.secret /var/lib/dbus/machine-id
absent /var/log/journal/*
absent /root/.config/pip /root/.pip /etc/pip.conf /root/.aws /root/.config/openstack /home/*/.config/openstack "$apt_password"
shopt -u nullglob dotglob
[ ! -s /etc/machine-id ] || trace "/etc/machine-id is set"

while read -r file; do trace "$file is larger than 10 MB"; done < <(find /var/log -type f -size +10M)
while read -r file; do trace "$file is writable for everybody"; done < \
  <(find /etc /usr /opt /boot -xdev -perm -0002 ! -type l ! -type s 2>/dev/null)
# Passwords of the proxy and the mirrors, wherever they are; the proxy itself where the bake has written, for the base
# image may name its site's to the nodes. From a file: everybody can read a command line.
places=(/etc /root /home /usr/local /opt/hailstack /var/lib /var/log)
grep -ohE '://[^/@[:space:]]+@' "$HAILSTACK_INPUTS/network.env" "$HAILSTACK_INPUTS/artifacts" >"$HAILSTACK_WORK/passwords" || true
printf '%s\n' "$HTTP_PROXY_URL" | sed 's#/$##; /^$/d' >"$HAILSTACK_WORK/proxy"
if [ -s "$HAILSTACK_WORK/passwords" ]; then
  while read -r file; do trace "$file holds a password of the bake"; done < \
    <(grep -rlFf "$HAILSTACK_WORK/passwords" "${places[@]}" 2>/dev/null)
fi
if [ -s "$HAILSTACK_WORK/proxy" ]; then
  while read -r file; do trace "$file names the builder's proxy"; done < \
    <(find "${places[@]}" -xdev -type f -cnewer "$HAILSTACK_WORK/begun" -exec grep -lIFf "$HAILSTACK_WORK/proxy" {} + 2>/dev/null)
fi
rm -f "$HAILSTACK_WORK/passwords" "$HAILSTACK_WORK/proxy"
while IFS=: read -r name hash _; do
  case $hash in '' ) trace "user $name needs no password" ;; '$'*) trace "user $name has a password" ;; esac
done </etc/shadow

if [ "${#found[@]}" -gt 0 ]; then
  fail "$(printf 'hygiene: %s\n' "${found[@]}")"
fi
