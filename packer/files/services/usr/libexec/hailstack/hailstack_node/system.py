"""Running other programs, and what every program of a node must know of its surroundings."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

STATE = "/var/lib/hailstack"
RUN = "/run/hailstack"
BOOTED = f"{STATE}/booted"
APPLIED = f"{STATE}/applied"


class Fault(Exception):
    """Something is as it should not be: one line or a few, for people, without secrets.

    `code` is a word that stays the same from release to release.
    """

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Ran:
    """`out` is stdout, `said` both streams; `code` is 127 where there is no such program and 124 after the time-out."""

    code: int
    out: str
    said: str

    def last_lines(self, count: int = 5) -> str:
        return "\n".join(self.said.strip().splitlines()[-count:])


def run(
    command: Sequence[str], *, stdin: bytes = b"", seconds: float = 300, env: Mapping[str, str] | None = None
) -> Ran:
    """Runs `command` to its end in a session of its own. Never raises for how it ended."""
    surroundings = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **os.environ, "LC_ALL": "C.UTF-8", **(env or {})}
    try:
        child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=surroundings,
            start_new_session=True,
        )
    except OSError as error:
        return Ran(127, "", f"{command[0]}: {error.strerror}")
    try:
        out, err = child.communicate(stdin, timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        out, err = child.communicate()
        return Ran(124, _text(out), f"{_text(out)}{_text(err)}\n{command[0]} took longer than {seconds:.0f} s")
    return Ran(child.returncode, _text(out), _text(out) + _text(err))


def must(command: Sequence[str], what: str, **options) -> Ran:
    """Like `run`. @raises Fault naming `what` and the last lines when it ends with other than 0"""
    ran = run(command, **options)
    if ran.code != 0:
        raise Fault(f"{what}: {ran.last_lines() or f'ended with {ran.code}'}")
    return ran


def sync() -> None:
    """Returns when what was written to this node's own file systems will outlast a power cut."""
    run(["sync", "-f", "/", STATE, "/etc", "/opt", "/home"], seconds=600)


def say(line: str) -> None:
    """One line on stderr, which the journal keeps."""
    print(line, file=sys.stderr, flush=True)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
