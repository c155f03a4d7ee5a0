"""Stages `services`, `web` and `ready`: what this node's part runs, at once and after every reboot. Nothing is waited for."""

import os
import re

from hailstack_node.facts import Facts
from hailstack_node.system import Fault, must, run

UNITS = "/etc/systemd/system"
CERTIFICATE = "/usr/libexec/hailstack/web-certificate"
VOLUME = "hailstack-volume.service"
READY = "hailstack-ready.service"
NETDATA = "netdata.service"
NGINX = "nginx.service"
# Runs again after a reboot while this node's boot is not done.
BOOT = "hailstack-boot.service"


def start(facts: Facts) -> str:
    """Enables and starts all units of the role. @raises Fault"""
    units = units_of(facts)
    # systemd reads its units anew once, at the end: each time takes a second on a slow machine.
    must(["systemctl", "enable", "--quiet", "--no-reload", facts.target, BOOT, *units], "units cannot be enabled")
    others = [NETDATA] if facts.monitoring else []
    if facts.role == "master":
        others.append(NGINX)
    if others:
        # By the role's target alone: the packages' own way to enable them takes seconds.
        must(["systemctl", "add-wants", "--quiet", "--no-reload", facts.target, *others], "units cannot be enabled")
    for unit in (NETDATA, VOLUME):
        if unit not in (*units, *others) and _is_enabled(unit):
            must(["systemctl", "disable", "--now", "--quiet", unit], f"{unit} cannot be disabled")
    must(["systemctl", "daemon-reload"], "systemd does not read its units")
    must(["systemctl", "start", "--no-block", facts.target], f"{facts.target} does not start")
    return f"{facts.target} wants {', '.join([*units, *others])}"


def units_of(facts: Facts) -> list[str]:
    """The units that name the role's target as the one that wants them."""
    wanted = re.compile(rf"^WantedBy=.*\b{re.escape(facts.target)}", re.M)
    found = []
    for name in sorted(os.listdir(UNITS)):
        path = f"{UNITS}/{name}"
        if not name.endswith((".service", ".automount", ".timer")) or not os.path.isfile(path):
            continue
        with open(path, encoding="utf-8", errors="replace") as file:
            if wanted.search(file.read()) and (name != VOLUME or facts.volume):
                found.append(name)
    return found


def web(facts: Facts) -> str:
    """The certificate, then nginx with what it is configured to. @raises Fault"""
    if os.path.exists(CERTIFICATE):
        must([CERTIFICATE], "the web front has no certificate")
    must(["nginx", "-t"], "nginx refuses its configuration")
    must(["systemctl", "reload-or-restart", "--no-block", NGINX], "nginx does not start")
    return "nginx serves the web front"


def ready(facts: Facts) -> str:
    """Lets the checks of the whole cluster begin. @raises Fault"""
    if run(["systemctl", "cat", READY]).code != 0:
        raise Fault(f"this image has no {READY}")
    must(["systemctl", "start", "--no-block", READY], "the checks of the cluster do not start")
    return "the checks of the cluster have begun"


def _is_enabled(unit: str) -> bool:
    """Also by the role's target alone, which systemctl calls `disabled` where the unit has an own place to be wanted."""
    wanted = [f"{UNITS}/hailstack-{role}.target.wants/{unit}" for role in ("master", "worker")]
    return any(map(os.path.lexists, wanted))
