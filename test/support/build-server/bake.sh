#!/bin/bash
# Stands for packer/bake on a simulated build server: the same marks, and reports of the same form, without the work.
#
# usage: bake.sh INPUTS
#   DISK        folder that stands for the server's file system
#   BAKE_FAILS  stage that fails
#   BAKE_STAYS  stage that never ends
#   BAKE_TELLS  build that image.json tells of, instead of its own
set -euo pipefail
inputs=$1
kit=$DISK/var/tmp/hailstack-kit
# shellcheck disable=SC1091
. "$inputs/bundle.env"
# shellcheck disable=SC1091
. "$inputs/network.env"
mkdir -p "$DISK/etc/hailstack" "$DISK/usr/share/hailstack"
# What has come is as it was sent.
(cd "$kit" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) >"$DISK/kit.sums"

mapfile -t stages <"$kit/stages"
number=0
for stage in "${stages[@]}"; do
  number=$((number + 1))
  printf 'hailstack-stage start %s %s %s\n' "$stage" "$number" "${#stages[@]}"
  [ -r "$kit/scripts/$stage.sh" ] || exit 90
  printf 'doing %s by %s\n' "$stage" "${HTTP_PROXY_URL:-no proxy}"
  if [ "$stage" = "${BAKE_STAYS:-}" ]; then exec sleep 600; fi
  if [ "$stage" = "${BAKE_FAILS:-}" ]; then
    printf 'hygiene: /etc/ssh/ssh_host_rsa_key is there\n'
    printf 'hailstack-stage failed %s scripts/%s.sh %s\n' "$stage" "$stage" 7
    exit 7
  fi
  printf '%s\t%s\t%s\n' "$stage" 1.5 "$number" >>"$DISK/usr/share/hailstack/stages.tsv"
  printf 'hailstack-stage done %s %s\n' "$stage" 1.5
done
cat >"$DISK/etc/hailstack/image.json" <<END
{"bundle": "$BUNDLE_ID", "build": "${BAKE_TELLS:-$BUILD_ID}", "versions": {"hail": "$HAIL_VERSION"}, "components": 3}
END
echo '{"bomFormat": "CycloneDX", "components": []}' >"$DISK/usr/share/hailstack/sbom.cdx.json"
if [ "${HAILSTACK_REMOVE_KIT:-}" = 1 ]; then rm -rf "$kit" "$inputs"; fi
