# Proves that the bundle works here, as the login user, before anybody gets the image.
# shellcheck shell=bash
. "$HAILSTACK_KIT/lib.sh"

# In a bare root file system cloud-init has not made the user yet; it goes again at the end.
made_user=
if ! id -u "$LOGIN_USER" >/dev/null 2>&1; then
  useradd --create-home --shell /bin/bash "$LOGIN_USER"
  made_user=1
fi
work=$(mktemp -d /var/tmp/hailstack-self-test.XXXXXX)
install -m 0644 "$HAILSTACK_KIT/scripts/self-test.py" "$work/self-test.py"
install -m 0644 "$HAILSTACK_INPUTS/bundle.env" "$work/bundle.env"
chown -R "$LOGIN_USER" "$work"
trap 'rm -rf "$work"; [ -z "$made_user" ] || userdel -r "$LOGIN_USER" 2>/dev/null || true' EXIT

# as_user COMMAND…: with the environment of the user's shells, and no other.
as_user() {
  runuser -u "$LOGIN_USER" -- env -i HOME="$work" PATH=/usr/bin:/bin:/usr/sbin:/sbin LC_ALL=C.UTF-8 TMPDIR="$work" \
    bash -c 'cd && . /etc/profile.d/hailstack.sh && exec "$@"' as_user "$@"
}

for venv in "$base_venv" "$overlay_venv"; do
  say "environment $venv"
  as_user "$venv/bin/python" self-test.py versions
done
strange=$(find "$hailstack" /opt/hadoop-* ! -user root -print -quit)
[ -z "$strange" ] || fail "$strange is not root's"
say "Hail on two cores"
as_user "$overlay_venv/bin/python" self-test.py hail
told=$(as_user hdfs version)
[ "${told%%$'\n'*}" = "Hadoop $HADOOP_VERSION" ] || fail "hdfs is ${told%%$'\n'*}, the bundle wants Hadoop $HADOOP_VERSION"
say "authorities that Java trusts"
# shellcheck disable=SC2016
told=$(as_user bash -c '"$JAVA_HOME/bin/keytool" -list -cacerts -storepass changeit 2>&1') || fail "$told"
grep -q trustedCertEntry <<<"$told" || fail "Java trusts no authority at all"

say "JupyterLab"
as_user "$overlay_venv/bin/python" self-test.py jupyter

say "nginx, NFS, LUKS, Netdata"
nginx -t
for program in cryptsetup exportfs mount.nfs4 netdata nft; do
  command -v "$program" >/dev/null || fail "$program is missing"
done

say "units"
units=$(cd "$HAILSTACK_KIT/files" && find . -path '*/etc/systemd/system/*' -type f ! -path '*.d/*' -printf '%f\n' | sort)
for unit in $units; do
  told=$(systemd-analyze verify --man=no "/etc/systemd/system/$unit" 2>&1) || fail "$unit: $told"
  # It warns with status 0 of what it would ignore; of other packages' units it has its own opinions.
  ! grep -F "/$unit:" <<<"$told" || fail "$unit is not as it should be"
done
# As an installed package's units would be: there, and asleep. Awake are the guard of the metadata service, and what
# makes a first boot whole.
for unit in $units "${asleep_web[@]}" "${asleep_monitoring[@]}" "${asleep_storage[@]}"; do
  state=$(systemctl is-enabled "$unit" 2>/dev/null || true)
  case $unit:$state in
    hailstack-metadata.service:enabled | hailstack-first-boot.service:enabled) ;;
    hailstack-metadata.service:* | hailstack-first-boot.service:*) fail "$unit is $state" ;;
    *:enabled*) fail "$unit is enabled in the image" ;;
  esac
done
