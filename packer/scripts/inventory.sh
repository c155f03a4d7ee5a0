# What is in this image: /etc/hailstack/image.json for people and programs, a CycloneDX list for scanners.
# shellcheck shell=bash
. "$HAILSTACK_KIT/lib.sh"

mkdir -p /usr/share/hailstack
"$base_venv/bin/python" "$HAILSTACK_KIT/scripts/inventory.py" "$HAILSTACK_INPUTS" "$platform" /opt/hadoop "$(spark_home)"
