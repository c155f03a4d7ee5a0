"""What `report` tells of a node, part by part. Nothing here raises for what a sick node does not answer."""

import json
import os
from collections.abc import Callable

from hailstack_node.system import run

_LINES = 20
_SHOWN = ("LoadState", "ActiveState", "SubState", "Result", "NRestarts", "ConditionResult")
_PLACES = ("/", "/var/lib/hailstack", "/boot")


def read_json(path: str) -> object:
    """What is in the file; None where it is not there or not whole."""
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):
        return None


def cloud_init() -> list[str]:
    """What cloud-init says went wrong in its boot stages; it tells more since 23.4, of which warnings are left out."""
    told = read_json("/run/cloud-init/status.json")
    stages = told.get("v1", {}) if isinstance(told, dict) else {}
    found: list[str] = []
    for stage in stages.values():
        if not isinstance(stage, dict):
            continue
        found += map(str, stage.get("errors") or [])
        for level in ("CRITICAL", "ERROR"):
            found += map(str, (stage.get("recoverable_errors") or {}).get(level) or [])
    return list(dict.fromkeys(found))


def units_of(target: str) -> list[str]:
    """What the role's target wants."""
    return run(["systemctl", "show", "--property=Wants", "--value", target]).out.split()


def units(wanted: list[str]) -> list[dict]:
    """Every unit of the role, and whatever else failed; with its last lines where it is not as it should be."""
    failed = run(["systemctl", "list-units", "--failed", "--plain", "--no-legend"]).out.splitlines()
    names = dict.fromkeys([*wanted, *(line.split()[0] for line in failed if line.strip())])
    return [_unit(name) for name in names if name != "network-online.target"]


def _unit(name: str) -> dict:
    told = run(["systemctl", "show", *(f"--property={key}" for key in _SHOWN), name]).out
    values = dict(line.split("=", 1) for line in told.splitlines() if "=" in line)
    unit = {
        "unit": name,
        "state": values.get("ActiveState", "unknown"),
        "sub": values.get("SubState", ""),
        "result": values.get("Result", ""),
        "restarts": int(values.get("NRestarts") or 0),
        "waits": values.get("ConditionResult") == "no" and values.get("ActiveState") == "inactive",
    }
    if unit["state"] != "active":
        unit["lines"] = run(["journalctl", "-u", name, "-n", str(_LINES), "-o", "cat", "--no-pager"]).out.splitlines()
    return unit


def disks() -> list[dict]:
    """Bytes and inodes of each file system that this node writes to."""
    found, seen = [], set()
    for place in _PLACES:
        try:
            told, device = os.statvfs(place), os.stat(place).st_dev
        except OSError:
            continue
        if device not in seen:
            seen.add(device)
            sizes = {"bytes": told.f_blocks * told.f_frsize, "free_bytes": told.f_bavail * told.f_frsize}
            found.append({"path": place, **sizes, "inodes": told.f_files, "free_inodes": told.f_favail})
    return found


def memory() -> dict:
    """Of /proc/meminfo, in bytes."""
    with open("/proc/meminfo", encoding="ascii") as file:
        values = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in file}
    kept = {"total": "MemTotal", "available": "MemAvailable", "swap": "SwapTotal", "free_swap": "SwapFree"}
    return {name: values.get(key, 0) for name, key in kept.items()}


def clock() -> dict:
    """Whether the clock follows others, as systemd knows it, and for how long the node is up."""
    with open("/proc/uptime", encoding="ascii") as file:
        up = float(file.read().split()[0])
    told = run(["timedatectl", "show", "--property=NTPSynchronized", "--value"], seconds=10)
    return {"synchronised": told.out.strip() == "yes", "up_seconds": round(up)}


def masked(value: object, mask: Callable[[str], str]) -> object:
    """`value` with every text in it masked."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {key: masked(each, mask) for key, each in value.items()}
    return [masked(each, mask) for each in value] if isinstance(value, list) else value
