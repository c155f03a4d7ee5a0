"""The units of the master. That systemd calls a unit active is not enough: it must also not be starting over."""

from __future__ import annotations

import os
import time

from .machine import GRACE_SECONDS
from .site import Site, run
from .verdict import Verdict, failed, passed, waiting

ALWAYS = [
    "hdfs-namenode",
    "hailstack-hdfs-layout",
    "yarn-rm",
    "mapred-history",
    "spark-master",
    "spark-history-server",
    "jupyter-lab",
    "nginx",
]
PROPERTIES = "Id,LoadState,ActiveState,SubState,Result,NRestarts,ExecMainStatus"


def show(units: list[str]) -> dict[str, dict[str, str]]:
    """What systemd says of each, by its name without `.service`."""
    _, said = run(["systemctl", "show", f"--property={PROPERTIES}", *[f"{unit}.service" for unit in units]])
    found = {}
    for block in said.strip().split("\n\n"):
        values = dict(line.partition("=")[::2] for line in block.splitlines())
        found[values.get("Id", "").removesuffix(".service")] = values
    return found


def services(site: Site) -> Verdict:
    return judge(site, ALWAYS + (["netdata"] if site.cluster["monitoring"] else []))


def judge(site: Site, units: list[str]) -> Verdict:
    """The first unit that is amiss names the verdict; the node's text has them all."""
    known = show(units)
    amiss = {unit: _amiss(site, unit, known.get(unit, {})) for unit in units}
    amiss = {unit: told for unit, told in amiss.items() if told}
    if not amiss:
        return passed(f"{len(units)} units")
    final = [unit for unit, (_, is_final) in amiss.items() if is_final]
    unit = (final or list(amiss))[0]
    detail = "; ".join(f"{name} {text}" for name, (text, _) in amiss.items())
    more = {"nodes": {site.master: detail}, "look": f"journalctl -u {unit} -n 50", "unit": unit}
    return failed(detail, **more) if final else waiting(detail, **more)


def _amiss(site: Site, unit: str, values: dict[str, str]) -> tuple[str, bool] | None:
    """What is wrong with a unit, and whether it stays so."""
    state, sub, restarts = values.get("ActiveState", ""), values.get("SubState", ""), int(values.get("NRestarts") or 0)
    before = site.memory.setdefault("restarts", {}).get(unit, restarts)
    site.memory["restarts"][unit] = restarts
    since = site.memory.setdefault("failed-since", {})
    if state != "failed":
        since.pop(unit, None)
    if values.get("LoadState") == "not-found":
        return "is not in this image", True
    if values.get("LoadState") == "masked":
        return f"is masked, so that nothing starts it: systemctl unmask {unit}", True
    why = f"{values.get('Result', '')}, status {values.get('ExecMainStatus', '')}, {restarts} restarts"
    if unit == "hdfs-namenode" and state != "active" and restarts > 0 and holds_foreign_data(site):
        return "refuses to format a directory that is not empty and holds no name directory", True
    if state == "failed":
        began = since.setdefault(unit, time.monotonic())
        return f"has failed ({why})", time.monotonic() - began >= GRACE_SECONDS
    if state == "active":
        return (f"has just started again ({restarts} restarts)", False) if restarts > before else None
    if sub.startswith("auto-restart"):
        return f"ends and is started again ({why})", False
    return ("is starting" if state == "activating" else f"is {state or 'unknown to systemd'}"), False


def holds_foreign_data(site: Site) -> bool:
    """As namenode-format-once sees it: something, and not ours."""
    folder = site.path("/var/lib/hailstack/hdfs/name")
    return folder.is_dir() and bool(os.listdir(folder)) and not (folder / "current/VERSION").exists()
