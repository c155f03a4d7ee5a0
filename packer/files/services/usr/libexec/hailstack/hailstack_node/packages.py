"""Packages of Debian or Ubuntu that a cluster asks for beside what its image brings."""

import os
import re
import time

from hailstack_node.system import Fault, Ran, run

TRIES = 3
_PAUSE = 10
# Time for a whole call: the lock is waited for ten minutes, and mirrors can be slow.
_SECONDS = 3600
_APT = ["apt-get", "-y", "-q", "-o", "DPkg::Lock::Timeout=600", "-o", "Acquire::Retries=3", "-o", "Dpkg::Use-Pty=0"]
# Nobody is asked; a file of /etc that was changed stays as it is.
_APT += ["-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold"]
_QUIET = {"DEBIAN_FRONTEND": "noninteractive", "NEEDRESTART_MODE": "l", "NEEDRESTART_SUSPEND": "1"}
# A name, perhaps with an architecture, a version or a release: never an option.
_NAME = re.compile(r"[a-z0-9][a-z0-9.+-]*(:[a-z0-9]+)?([=/][\w.+:~-]+)?")


def install(names: tuple[str, ...]) -> str:
    """Installs what is missing of `names`. @raises Fault naming the package that is at fault, when one is"""
    for name in names:
        if not _NAME.fullmatch(name):
            raise Fault(f"{name!r} is no name of a package")
    missing = [name for name in names if not is_installed(name)]
    if not missing:
        return "all system packages are there"
    env = {**surroundings(), **_QUIET}
    # What a power cut interrupted is finished first, or apt does nothing at all.
    run(["dpkg", "--configure", "-a"], seconds=_SECONDS, env=env)
    _try(["update"], env, "the lists of packages cannot be read")
    unknown = [name for name in missing if run([*_APT, "-s", "install", "--", name], env=env).code != 0]
    if unknown:
        raise Fault(f"no such package can be installed: {', '.join(unknown)}", "unknown-package")
    _try(["install", "--no-install-recommends", "--", *missing], env, f"of {', '.join(missing)}", missing)
    return f"installed: {', '.join(missing)}"


def is_installed(name: str) -> bool:
    told = run(["dpkg-query", "-W", "-f", "${db:Status-Abbrev}", "--", re.split("[=/]", name)[0]])
    return told.code == 0 and told.out.startswith("ii")


def surroundings() -> dict[str, str]:
    """What /etc/environment says of proxies, authorities and indexes; cloud-init starts programs without it."""
    told = {"SSL_CERT_FILE": "/etc/ssl/certs/ca-certificates.crt"}
    try:
        with open("/etc/environment", encoding="utf-8") as file:
            lines = file.read().splitlines()
    except OSError:
        return told
    for line in lines:
        found = re.fullmatch(r"\s*(?:export\s+)?((?:\w*_proxy|(?:UV|PIP|SSL|REQUESTS)_\w+))=(.*?)\s*", line, re.I)
        if found:
            told[found[1]] = found[2].strip("\"'")
    # uv has its own names, and not every program reads both spellings of a proxy.
    if "PIP_INDEX_URL" in told:
        told.setdefault("UV_DEFAULT_INDEX", told["PIP_INDEX_URL"])
    for name, value in [*told.items()]:
        if name.lower().endswith("_proxy"):
            told.setdefault(name.lower(), value)
            told.setdefault(name.upper(), value)
    return {name: value for name, value in told.items() if name not in os.environ}


def _try(command: list[str], env: dict[str, str], what: str, names: list[str] | None = None) -> Ran:
    for number in range(1, TRIES + 1):
        ran = run([*_APT, *command], seconds=_SECONDS, env=env)
        if ran.code == 0:
            return ran
        if number < TRIES:
            time.sleep(_PAUSE * number)
    # What came in of them before it ended is not to blame.
    failed = [name for name in names or () if not is_installed(name)]
    subject = f"{', '.join(failed)} cannot be installed" if failed else what
    raise Fault(f"{subject}, in {TRIES} tries: {ran.last_lines(8)}")
