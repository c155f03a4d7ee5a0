# What the stages' scripts share. Sourced by each of them as its first line.
# shellcheck shell=bash
set -euo pipefail

: "${HAILSTACK_KIT:?is set by bake}" "${HAILSTACK_INPUTS:?is set by bake}" "${HAILSTACK_WORK:?is set by bake}"

# shellcheck disable=SC1091
. "$HAILSTACK_INPUTS/bundle.env"
# shellcheck disable=SC1091
. "$HAILSTACK_INPUTS/network.env"

# shellcheck disable=SC1091
. /etc/os-release
platform=$ID-$VERSION_ID
if [ ! -r "$HAILSTACK_KIT/platforms/$platform.env" ]; then
  printf 'no image can be made of %s: there are %s\n' "${PRETTY_NAME:-$platform}" \
    "$(cd "$HAILSTACK_KIT/platforms" && echo *.env | sed 's/\.env//g; s/common //')" >&2
  exit 64
fi
# shellcheck source=platforms/common.env
. "$HAILSTACK_KIT/platforms/common.env"
# shellcheck source=platforms/debian-12.env
. "$HAILSTACK_KIT/platforms/$platform.env"

hailstack=/opt/hailstack
base_venv=$hailstack/base-venv
# shellcheck disable=SC2034
overlay_venv=$hailstack/overlay-venv

# The site's proxy, for as long as the bake runs: programs differ in which spelling they read.
if [ -n "$HTTP_PROXY_URL" ]; then
  export http_proxy=$HTTP_PROXY_URL https_proxy=$HTTP_PROXY_URL HTTP_PROXY=$HTTP_PROXY_URL HTTPS_PROXY=$HTTP_PROXY_URL
  export no_proxy=$NO_PROXY_HOSTS NO_PROXY=$NO_PROXY_HOSTS
fi
# base.sh puts the site's own authorities into this file; pip and uv bring lists of their own otherwise.
authorities=/etc/ssl/certs/ca-certificates.crt
export SSL_CERT_FILE=$authorities PIP_CERT=$authorities CURL_CA_BUNDLE=$authorities
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_RETRIES=3
[ -z "$PYPI_INDEX" ] || export PIP_INDEX_URL=$PYPI_INDEX UV_DEFAULT_INDEX=$PYPI_INDEX
export UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_NO_PROGRESS=1 UV_HTTP_TIMEOUT=120
if [ -n "$HAILSTACK_CACHE" ]; then
  export UV_CACHE_DIR=$HAILSTACK_CACHE/uv PIP_CACHE_DIR=$HAILSTACK_CACHE/pip
  mkdir -p "$HAILSTACK_CACHE/artifacts" "$HAILSTACK_CACHE/apt/partial"
else
  export UV_CACHE_DIR=$HAILSTACK_WORK/uv PIP_NO_CACHE_DIR=1
fi

say() { printf '%s\n' "$*"; }
fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# apt COMMAND ARGUMENT…: waits for whoever is at it too, and asks nothing: a file of /etc that was changed stays so.
apt() {
  local options=(-y -q -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 -o Dpkg::Use-Pty=0)
  options+=(-o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold)
  [ -z "$HAILSTACK_CACHE" ] || options+=(-o Dir::Cache::archives="$HAILSTACK_CACHE/apt" -o APT::Keep-Downloaded-Packages=true)
  apt-get "${options[@]}" "$@"
}
install_packages() { apt install --no-install-recommends "$@"; }
# The password of the site's archive, while the bake runs.
# shellcheck disable=SC2034
apt_password=/etc/apt/auth.conf.d/hailstack-bake.conf

# put_to_sleep UNIT…: installed, and not enabled; first boot gives a node its role. Fine for what this platform has not.
put_to_sleep() {
  local unit
  for unit in "$@"; do systemctl disable -q "$unit" 2>/dev/null || true; done
}

# One line of the list of artefacts, by its name: version, algorithm, hash, Maven coordinates or -, addresses in order.
artifact_line() { awk -F '\t' -v name="$1" '$1 == name' "$HAILSTACK_INPUTS/artifacts"; }
has_artifact() { [ -n "$(artifact_line "$1")" ]; }
artifact_version() { artifact_line "$1" | cut -f 2; }

# without_password URL: as it may be shown.
without_password() { sed -E 's#://[^/@]*@#://#' <<<"$1"; }

# fetch NAME FILE: downloads an artefact and holds it to its checksum. Three tries at each address; a place that answers
# with other content ends the bake, because it is either broken or hostile.
fetch() {
  local name=$1 file=$2 line version algorithm hash maven kept url try shown tried=()
  line=$(artifact_line "$name")
  [ -n "$line" ] || fail "bundle $BUNDLE_ID names no artefact $name"
  IFS=$'\t' read -r _ version algorithm hash maven _ <<<"$line"
  kept=${HAILSTACK_CACHE:+$HAILSTACK_CACHE/artifacts/$hash}
  if [ -n "$kept" ] && [ -e "$kept" ] && [ "$(digest "$algorithm" "$kept")" = "$hash" ]; then
    cp "$kept" "$file"
    return
  fi
  local -a urls
  IFS=$'\t' read -r -a urls <<<"$(cut -f 6- <<<"$line")"
  [ "$maven" = - ] || urls+=("maven:$maven")
  for url in "${urls[@]}"; do
    shown=$(without_password "$url")
    tried+=("$shown")
    for try in 1 2 3; do
      say "$name $version: $shown (try $try)"
      if download "$url" "$file"; then
        hold_to_checksum "$name $version from $shown" "$algorithm" "$hash" "$file"
        [ -z "$kept" ] || cp "$file" "$kept"
        return
      fi
      [ "$try" -eq 3 ] || sleep $((try * 3))
    done
  done
  fail "$name $version could not be had from any of: ${tried[*]:-no address is known; set packer.artifact_mirror}"
}

digest() { "${1}sum" "$2" | cut -d ' ' -f 1; }

# hold_to_checksum WHAT ALGORITHM HASH FILE
hold_to_checksum() {
  local got
  got=$(digest "$2" "$4")
  [ "$got" != "$3" ] || return 0
  rm -f "$4"
  fail "wrong checksum: $1: expected $2 $3, got $got"
}

# download URL FILE: from maven:GROUP:NAME:VERSION too. Status 1 where the place is down for us.
download() {
  case $1 in
    maven:*) fetch_maven "${1#maven:}" "$2" ;;
    # Half a minute below 1 KiB/s is down as well. By stdin, for everybody can read a command line.
    *) printf 'url = "%s"\n' "$1" | curl -fsSL --connect-timeout 20 --speed-limit 1024 --speed-time 30 -o "$2" -K - ;;
  esac
}

# fetch_maven GROUP:NAME:VERSION FILE: by the Ivy that Spark brings along, which knows where the public repository is.
# Called as a condition, where `set -e` does not hold.
fetch_maven() {
  local group name version folder java status=0
  IFS=: read -r group name version <<<"$1"
  folder=$(mktemp -d "$HAILSTACK_WORK/ivy.XXXXXX")
  java=$(java_home)/bin/java
  "$java" "${java_proxy[@]}" -jar "$(spark_home)"/jars/ivy-2.*.jar -cache "$folder/cache" -notransitive \
    -dependency "$group" "$name" "$version" -retrieve "$folder/[type]/[artifact](-[classifier]).[ext]" >"$folder/log" 2>&1 || status=1
  # It ends with 0 where it found nothing, too.
  mv "$folder/jar/$name.jar" "$2" 2>/dev/null || status=1
  [ "$status" -eq 0 ] || tail -n 20 "$folder/log"
  rm -rf "$folder"
  return "$status"
}
java_proxy=()
if [[ $HTTP_PROXY_URL =~ ^https?://([^@/]*@)?([^:/]+)(:([0-9]+))?/?$ ]]; then
  for scheme in http https; do
    java_proxy+=("-D$scheme.proxyHost=${BASH_REMATCH[2]}" "-D$scheme.proxyPort=${BASH_REMATCH[4]:-80}")
  done
fi

# apply_once FOLDER PATCH: without fuzz; fine where it was applied before.
apply_once() {
  # With --force it does not guess that what cannot be taken back was meant to be applied.
  if ! patch --force --reverse --dry-run --fuzz=0 -d "$1" -p1 <"$2" >/dev/null 2>&1; then
    patch --batch --forward --fuzz=0 -d "$1" -p1 <"$2"
  fi
}

# java_home: the folder of the bundle's JDK; from the platform's package where it has one, else from the artefact.
java_home() {
  local home=JAVA_${JAVA_VERSION}_HOME
  echo "${!home:-/usr/lib/jvm/hailstack-jdk-$JAVA_VERSION}"
}

# site_packages VENV: its folder of packages.
site_packages() { "$1/bin/python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])'; }
spark_home() { echo "$(site_packages "$base_venv")/pyspark"; }
