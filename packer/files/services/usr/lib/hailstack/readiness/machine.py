"""This node itself: its boot, its names, its disk and clock, its units, what was asked for beyond the usual."""

from __future__ import annotations

import json
import os
import socket
import time

from .site import Site, run
from .verdict import Verdict, failed, passed, skipped, waiting

LEAST_FREE_MIB = 512
LEAST_FREE_FILES = 10_000
# What `apply` delivers over SSH restarts a unit that failed for want of it.
GRACE_SECONDS = 30.0
LOOK_CLOUD_INIT = "cloud-init status --long"
LOOK_BOOT = "sudo tail -n 50 /var/log/hailstack/boot.log"


def stages_of(site: Site) -> list[dict]:
    """What /usr/libexec/hailstack/boot has recorded. @raises ValueError while it is being written by hand"""
    text = site.read("/var/lib/hailstack/boot.json")
    return json.loads(text).get("stages", []) if text else []


def cloud_init_errors(site: Site) -> list[str]:
    """What cloud-init says went wrong at this boot. @raises ValueError while it is being written"""
    stages = json.loads(site.read("/run/cloud-init/status.json") or "{}").get("v1", {})
    found: list[str] = []
    for stage in stages.values():
        if isinstance(stage, dict):
            recoverable = stage.get("recoverable_errors") or {}
            found += [*(stage.get("errors") or []), *recoverable.get("CRITICAL", []), *recoverable.get("ERROR", [])]
    return list(dict.fromkeys(map(str, found)))


def boot(site: Site) -> Verdict:
    """All that first boot does before extras, which are a stage of their own: they may take long, or be wrong."""
    if errors := cloud_init_errors(site):
        detail = "cloud-init ended with errors"
        return failed(detail, nodes={site.master: detail}, look=LOOK_CLOUD_INIT, lines=tuple("\n".join(errors).splitlines()))
    stages = [stage for stage in stages_of(site) if stage["stage"] != "extras"]
    for stage in stages:
        if stage["state"] == "failed":
            lines = tuple(str(stage.get("message", "")).splitlines())
            detail = f"stage {stage['stage']} of first boot failed"
            return failed(detail, nodes={site.master: detail}, look=LOOK_BOOT, lines=lines)
    running = [stage["stage"] for stage in stages if stage["state"] != "done"]
    # Its last stage on a master; without it, boot has not come that far.
    if running or "web" not in [stage["stage"] for stage in stages]:
        at = running[0] if running else "before its last stage"
        return waiting(f"first boot is at: {at}", nodes={site.master: f"first boot is at: {at}"}, look=LOOK_BOOT)
    return passed(f"{sum(float(stage.get('seconds', 0)) for stage in stages):.1f} s")


def extras(site: Site) -> Verdict:
    wanted = site.cluster.get("extras", {})
    if not any(wanted.values()):
        return skipped("none are asked for")
    for stage in stages_of(site):
        if stage["stage"] == "extras" and stage["state"] == "done":
            return passed(f"{float(stage.get('seconds', 0)):.1f} s")
        if stage["stage"] == "extras" and stage["state"] == "failed":
            lines = tuple(str(stage.get("message", "")).splitlines())
            return failed("extras failed", nodes={site.master: "extras failed"}, look=LOOK_BOOT, lines=lines)
    return waiting("being installed", nodes={site.master: "extras are being installed"}, look=LOOK_BOOT)


def names(site: Site) -> Verdict:
    """Every node's name leads to one address of its own, and this node's to one of this node's."""
    lacks: dict[str, str] = {}
    owners: dict[str, str] = {}
    own = site.cluster["hostname"]
    for name in [site.master, *site.workers()]:
        try:
            address = site.resolve(name)
        except OSError:
            lacks[name] = "its name does not resolve on the master"
            continue
        if address in owners:
            lacks[name] = f"its name leads to {address}, as {owners[address]} does"
        owners[address] = name
        if name == own and not _is_local(address):
            lacks[name] = f"its own name leads to {address}, which is not its address"
    if lacks:
        return waiting(f"{len(lacks)} names are wrong", nodes=lacks, look="cat /etc/hosts")
    return passed(f"{len(owners)} names")


def _is_local(address: str) -> bool:
    """On 127.* the daemons would listen for themselves alone."""
    if address.startswith("127.0.1.") or address == "127.0.0.1":
        return False
    with socket.socket() as probe:
        try:
            probe.bind((address, 0))
            return True
        except OSError:
            return False


def disk(site: Site) -> Verdict:
    told = os.statvfs(site.path("/var/lib/hailstack"))
    free, size = (blocks * told.f_frsize // 2**20 for blocks in (told.f_bavail, told.f_blocks))
    room = f"{free} of {size} MiB free"
    if free < LEAST_FREE_MIB:
        return waiting(f"the disk is full: {room}", nodes={site.master: f"the disk is full: {room}"}, look="df -h /")
    # Some file systems count none.
    if told.f_files and told.f_favail < LEAST_FREE_FILES:
        detail = f"the disk has no room for more files: {told.f_favail} of {told.f_files} free"
        return waiting(detail, nodes={site.master: detail}, look="df -i /")
    return passed(room)


def clock(site: Site) -> Verdict:
    """Certificates and heartbeats want one. Where nothing keeps it, the hypervisor's clock has to do."""
    _, said = run(["timedatectl", "show", "--property=NTP", "--property=NTPSynchronized"])
    told = dict(line.partition("=")[::2] for line in said.splitlines())
    if told.get("NTP") == "yes" and told.get("NTPSynchronized") == "no":
        detail = f"the clock is not set yet: it says {time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime())} UTC"
        return waiting(detail, nodes={site.master: detail}, look="timedatectl")
    return passed("set" if told.get("NTPSynchronized") == "yes" else "nothing sets it")
