# Where the nodes of the tests and what they are made of lie, and how it is said. Sourced.
# shellcheck shell=bash
set -euo pipefail
# shellcheck disable=SC2034
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
place=${HAILSTACK_NODES_DIR:-/var/tmp/hailstack-nodes}
# Beds of different names run side by side, each with a network of its own (HAILSTACK_NODES_NET).
bed=${HAILSTACK_NODES_BED:-}
# shellcheck disable=SC2034
nodes=$place/nodes${bed:+-$bed} base=$place/base mirror=$place/mirror
say() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; }

need_root() {
  [ "$(id -u)" = 0 ] && return
  say "needs root"
  exit 2
}

# need_packages PROGRAM:PACKAGE…: installs the packages of the programs that are missing.
need_packages() {
  local each missing=()
  for each in "$@"; do command -v "${each%:*}" >/dev/null || missing+=("${each#*:}"); done
  [ "${#missing[@]}" -eq 0 ] && return
  say "installing ${missing[*]}"
  # Two of these scripts may find something missing at the same moment.
  mkdir -p "$place"
  flock "$place/packages.lock" sh -c \
    'apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"' - "${missing[@]}" >&2
}
