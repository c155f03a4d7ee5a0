"""Python packages that a cluster asks for, in the overlay environment, beside the bundle's in the base.

Only what the base has not: the same hail, pyspark and numpy stay the ones that everybody imports.
"""

import contextlib
import os
import re
import shutil
import time

from hailstack_node.packages import TRIES, surroundings
from hailstack_node.system import Fault, Ran, run, sync

HOME = "/opt/hailstack"
OVERLAY = f"{HOME}/overlay-venv"
PYTHON = f"{OVERLAY}/bin/python"
CONSTRAINTS = f"{HOME}/base-constraints.txt"
CHECK = "/usr/libexec/hailstack/overlay-check"
# The cluster is built on these: another one would be another cluster.
REFUSED = ("hail", "pyspark")
_BEFORE, _COPY, _GONE = f"{OVERLAY}.before", f"{OVERLAY}.copy", f"{OVERLAY}.gone"
_PAUSE = 10
_SECONDS = 3600


def install(requirements: tuple[str, ...]) -> str:
    """Adds `requirements` with all they need, or nothing at all. @raises Fault, with the overlay as it was before"""
    recover()
    names = {name_of(each) for each in requirements}
    refused = sorted(names.intersection(REFUSED))
    if refused:
        raise Fault(f"{', '.join(refused)} is the bundle's, and cannot be installed beside it", "refused-package")
    if not requirements:
        return "no Python packages are asked for"
    env = {**surroundings(), "UV_PYTHON_DOWNLOADS": "never", "UV_LINK_MODE": "copy", "UV_NO_PROGRESS": "1"}
    pins = [pin for pin in _resolve(requirements, env) if name_of(pin) not in _names_of_base()]
    # One that is in the overlay already stays as it is.
    here = run(["uv", "pip", "freeze", "--quiet", "--python", PYTHON], env=env).out.split()
    missing = [pin for pin in pins if pin not in here]
    if not missing:
        return "all Python packages are there"
    _keep()
    try:
        command = ["uv", "pip", "install", "--quiet", "--python", PYTHON, "--no-deps", "--no-cache"]
        _try([*command, "--compile-bytecode", "--", *missing], env, f"{', '.join(missing)} cannot be installed")
        checked = run([CHECK], seconds=_SECONDS)
        if checked.code != 0:
            raise Fault(f"{', '.join(requirements)}: {checked.last_lines()}", "does-not-fit")
    except BaseException:
        recover()
        raise
    # uv leaves it open to everybody.
    with contextlib.suppress(FileNotFoundError):
        os.unlink(f"{OVERLAY}/.lock")
    _discard(_BEFORE)
    return f"installed: {', '.join(missing)}"


def recover() -> None:
    """Takes back what an earlier run had begun and not ended."""
    for rest in (_COPY, _GONE):
        shutil.rmtree(rest, ignore_errors=True)
    if os.path.isdir(_BEFORE):
        if os.path.isdir(OVERLAY):
            os.rename(OVERLAY, _GONE)
        os.rename(_BEFORE, OVERLAY)
        shutil.rmtree(_GONE, ignore_errors=True)


def name_of(requirement: str) -> str:
    """The package's name as indexes know it. @raises Fault for what is an option, or no requirement"""
    found = re.match(r"[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?", requirement)
    if found is None or not requirement.isprintable():
        raise Fault(f"{requirement!r} is no Python package")
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def _resolve(requirements: tuple[str, ...], env: dict[str, str]) -> list[str]:
    """Exact versions of `requirements` and all they need, each that of the base where the base has one."""
    command = ["uv", "pip", "compile", "--quiet", "--no-cache", "--no-header", "--no-annotate", "--python", PYTHON]
    command += ["-c", CONSTRAINTS, "-"]
    ran = _attempt(command, env, "\n".join(requirements).encode())
    if ran.code == 0:
        return [line.strip() for line in ran.out.splitlines() if line.strip()]
    alone = [each for each in requirements if run(command, stdin=each.encode(), env=env).code != 0]
    blamed = ", ".join(alone or requirements)
    raise Fault(f"{blamed} cannot be installed with this bundle: {ran.last_lines(8)}", "unknown-package")


def _names_of_base() -> set[str]:
    with open(CONSTRAINTS, encoding="utf-8") as file:
        return {name_of(line) for line in file.read().splitlines() if line.strip()}


def _attempt(command: list[str], env: dict[str, str], stdin: bytes = b"") -> Ran:
    for number in range(1, TRIES + 1):
        ran = run(command, stdin=stdin, seconds=_SECONDS, env=env)
        if ran.code == 0:
            break
        if number < TRIES:
            time.sleep(_PAUSE * number)
    return ran


def _try(command: list[str], env: dict[str, str], what: str) -> None:
    ran = _attempt(command, env)
    if ran.code != 0:
        raise Fault(f"{what}, in {TRIES} tries: {ran.last_lines(8)}")


def _keep() -> None:
    # Whole under its name, or not there.
    shutil.copytree(OVERLAY, _COPY, symlinks=True)
    sync()
    os.rename(_COPY, _BEFORE)


def _discard(folder: str) -> None:
    sync()
    os.rename(folder, _GONE)
    shutil.rmtree(_GONE)
