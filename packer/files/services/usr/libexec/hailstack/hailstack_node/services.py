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
# Runs again after a reboot while this node's boot is not done.
_BOOT = "hailstack-boot.service"


def start(facts: Facts) -> str:
    """Enables and starts all units of the role. @raises Fault"""
    must(["systemctl", "daemon-reload"], "systemd does not read its units")
    units = units_of(facts)
    must(["systemctl", "enable", "--quiet", facts.target, _BOOT, *units], "units cannot be enabled")
    if not facts.volume and facts.role == "master":
        run(["systemctl", "disable", "--now", "--quiet", VOLUME])
    if facts.monitoring:
        must(["systemctl", "add-wants", "--quiet", facts.target, NETDATA], "Netdata cannot be enabled")
    else:
        run(["systemctl", "disable", "--now", "--quiet", NETDATA])
    must(["systemctl", "start", "--no-block", facts.target], f"{facts.target} does not start")
    return f"{facts.target} wants {', '.join(units)}" + (f", {NETDATA}" if facts.monitoring else "")


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
    must(["systemctl", "enable", "--quiet", "nginx.service"], "nginx cannot be enabled")
    must(["systemctl", "reload-or-restart", "--no-block", "nginx.service"], "nginx does not start")
    return "nginx serves the web front"


def ready(facts: Facts) -> str:
    """Lets the checks of the whole cluster begin. @raises Fault"""
    if run(["systemctl", "cat", READY]).code != 0:
        raise Fault(f"this image has no {READY}")
    must(["systemctl", "start", "--no-block", READY], "the checks of the cluster do not start")
    return "the checks of the cluster have begun"
