# The notebooks' kernel: the overlay's Python with the cluster's environment, out of the same file as everything else.
# JupyterLab itself runs from the base, where its extensions are.
# shellcheck shell=bash
. "$HAILSTACK_KIT/lib.sh"

folder=/usr/local/share/jupyter/kernels/hail
mkdir -p "$folder"
"$base_venv/bin/python" - /etc/hailstack/cluster.env "$overlay_venv/bin/python" >"$folder/kernel.json" <<'PYTHON'
import json, sys

pairs = (line.rstrip("\n").split("=", 1) for line in open(sys.argv[1]) if "=" in line and not line.startswith("#"))
kernel = {
    "argv": [sys.argv[2], "-m", "ipykernel_launcher", "-f", "{connection_file}"],
    "display_name": "Hail",
    "language": "python",
    "env": dict(pairs),
}
print(json.dumps(kernel, indent=2))
PYTHON
# The base's own kernel would run a notebook without the cluster and without what `install` adds.
rm -rf "$base_venv/share/jupyter/kernels/python3"
