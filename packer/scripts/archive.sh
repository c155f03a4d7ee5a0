# Puts the site's mirror into the place of Debian's or Ubuntu's archive, for good: nodes install from it too. Other
# sources stay as they are. Sourced by base.sh.
# shellcheck shell=bash disable=SC2154
mirror=${APT_MIRROR%/}
if [[ $mirror =~ ^(https?://)([^/@:]+):?([^/@]*)@([^/]+)(.*)$ ]]; then
  place=${BASH_REMATCH[1]}${BASH_REMATCH[4]} mirror=${BASH_REMATCH[1]}${BASH_REMATCH[4]}${BASH_REMATCH[5]}
  login=$(printf '%b' "${BASH_REMATCH[2]//%/\\x}") password=$(printf '%b' "${BASH_REMATCH[3]//%/\\x}")
  case $login$password in
    *[[:space:]]*) fail "apt can take no user or password with a blank, and packer.apt_mirror has one" ;;
  esac
  # In the sources everybody could read it, on every node.
  install -m 0600 /dev/null "$apt_password"
  printf 'machine %s login %s password %s\n' "$place" "$login" "$password" >"$apt_password"
fi

rules=(-e "s#https?://[^[:space:]]+/(debian|ubuntu)/?([[:space:]]|\$)#$mirror\\2#")
# Debian has an archive of its own for security updates, which stands beside the other.
[[ ! $mirror =~ ^[^:]+://[^/]+/ ]] ||
  rules+=(-e "s#https?://[^[:space:]]+/debian-security/?([[:space:]]|\$)#${mirror%/*}/debian-security\\1#")
# Debian's images for clouds keep the addresses in a folder of their own.
for file in /etc/apt/sources.list /etc/apt/sources.list.d/* /etc/apt/mirrors/*; do
  if [ -f "$file" ]; then sed -E -i "${rules[@]}" "$file"; fi
done
# cloud-init would write the sources anew on each node, from what it thinks is the nearest archive.
mkdir -p /etc/cloud/cloud.cfg.d
printf 'apt: {preserve_sources_list: true}\n' >/etc/cloud/cloud.cfg.d/90-hailstack-apt.cfg
