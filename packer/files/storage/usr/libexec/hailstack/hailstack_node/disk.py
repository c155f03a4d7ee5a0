"""The disk of a data volume: which one it is, and what may be done with it. Nothing here writes to a disk."""

import json
import os
import re
import time
from dataclasses import dataclass

from hailstack_node.system import Fault, run

BY_ID = "/dev/disk/by-id"
# The driver of virtio disks cuts what a disk is called to so many characters.
_CUT = 20
_ENDS = 16 * 1024 * 1024
_CHUNK = 1024 * 1024
FRESH = "hailstack-fresh"


@dataclass(frozen=True)
class Luks:
    """What the header of an encrypted disk says: whether it has a key, whether we began it and did not end."""

    has_key: bool
    fresh: bool


@dataclass(frozen=True)
class Decision:
    """`action` is `format`, `open`, or `refuse`; `device` what to do it with; `begun` that we began it and did not end.

    `code` and `why` are for a refusal.
    """

    action: str
    device: str
    begun: bool = False
    code: str = ""
    why: str = ""


def find(volume: str, seconds: float, folder: str = BY_ID) -> str:
    """The device of Cinder's volume with this id, waited for. @raises Fault `missing-disk`, `two-disks`"""
    deadline = time.monotonic() + seconds
    while True:
        run(["udevadm", "settle", "--timeout=30"], seconds=40)
        found = candidates(volume, folder)
        if len(found) > 1:
            raise Fault(f"{', '.join(sorted(found))} are all called {volume}", "two-disks")
        if found:
            return found.pop()
        if time.monotonic() >= deadline:
            there = ", ".join(_names(folder)) or "none"
            raise Fault(f"no disk called {volume} came within {seconds:.0f} s; there are: {there}", "missing-disk")
        time.sleep(min(2, seconds / 10))


def candidates(volume: str, folder: str = BY_ID) -> set[str]:
    """Devices whose name ends with the id, whole or cut. Not their partitions."""
    wanted = tuple(f"{mark}{name}" for mark in "-_" for name in (volume, volume[:_CUT]))
    return {os.path.realpath(f"{folder}/{name}") for name in _names(folder) if name.endswith(wanted)}


def decide(device: str, kind: str, label: str, begun: bool) -> Decision:
    """What to do with a disk, from what is on it alone.

    `kind` says whether the cluster made the volume (`new`) or was given it (`existing`); `label` is what our own header
    is called; `begun` that this very node has begun to format this very volume, after it had found it empty.
    """
    if trouble := busy(device):
        return Decision("refuse", device, code="busy-disk", why=trouble)
    try:
        return _decide_existing(device) if kind == "existing" else _decide_new(device, label, begun)
    except OSError as error:
        return Decision("refuse", device, code="unreadable-disk", why=f"{device}: {error.strerror}")


def _decide_existing(device: str) -> Decision:
    for place in filter(None, (device, first_partition(device))):
        header = luks(place)
        if header is not None:
            return Decision("open", place, header.fresh)
    why = f"{device} is not encrypted by LUKS: {in_words(probe(device)) or 'nothing known is on it'}"
    return Decision("refuse", device, code="not-luks", why=why)


def _decide_new(device: str, label: str, begun: bool) -> Decision:
    found = probe(device)
    if found.get("TYPE") == "crypto_LUKS" and found.get("LABEL") == label:
        header = luks(device)
        if header is not None and header.has_key:
            return Decision("open", device, header.fresh or begun)
        # A header without a key opens nothing: it was cut short, and nothing can have been written behind it.
        if begun:
            return Decision("format", device, begun)
        return Decision("refuse", device, code="foreign-disk", why=f"{device} has a header that is not whole")
    if found:
        why = f"{device} is not empty: {in_words(found)}"
        return Decision("refuse", device, code="foreign-disk", why=why)
    if not begun and not is_blank(device):
        why = f"{device} is not empty: no known format, but not zeros at its beginning and end"
        return Decision("refuse", device, code="foreign-disk", why=why)
    return Decision("format", device, begun)


def busy(device: str) -> str:
    """Why the disk is in use; empty when it is not. The kernel lets nobody claim a disk that is mounted or held."""
    try:
        os.close(os.open(device, os.O_RDONLY | os.O_EXCL))
        return ""
    except OSError as error:
        return f"{device} cannot be claimed: {error.strerror}"


def luks(device: str) -> Luks | None:
    """The header of a disk that is encrypted; None of one that is not."""
    if run(["cryptsetup", "isLuks", device]).code != 0:
        return None
    told = run(["cryptsetup", "luksDump", "--dump-json-metadata", device])
    if told.code != 0:
        # The first version of LUKS has no notes; with keys, for all that we may assume.
        return Luks(True, False)
    data = json.loads(told.out)
    fresh = any(token.get("type") == FRESH for token in data["tokens"].values())
    return Luks(bool(data["keyslots"]), fresh)


def probe(device: str) -> dict[str, str]:
    """What blkid finds, by its own names; empty when it knows nothing of it. Where it is not sure, that is something."""
    told = run(["blkid", "-p", "-o", "export", device])
    if told.code == 2:
        return {}
    pairs = dict(line.split("=", 1) for line in told.out.splitlines() if "=" in line)
    return pairs if told.code == 0 else {"UNSURE": told.last_lines(1) or f"blkid ended with {told.code}"}


def in_words(found: dict[str, str]) -> str:
    """Of a file system or a partition table, with its name where it has one."""
    kinds = " and ".join(found[key] for key in ("TYPE", "PTTYPE") if key in found)
    label = f" called {found['LABEL']}" if found.get("LABEL") else ""
    return f"{kinds}{label}" if kinds else found.get("UNSURE", "")


def is_blank(device: str) -> bool:
    """Whether the first and the last 16 MiB are zeros. @raises OSError"""
    with open(device, "rb", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        if size == 0:
            return False
        return all(_zeros(file, at, min(_ENDS, size)) for at in (0, max(0, size - _ENDS)))


def first_partition(device: str) -> str:
    """The device of partition 1, or empty."""
    name = os.path.basename(os.path.realpath(device))
    partition = f"{device}p1" if re.search(r"\d$", name) else f"{device}1"
    return partition if os.path.exists(partition) else ""


def _zeros(file, at: int, length: int) -> bool:
    file.seek(at)
    while length > 0:
        data = file.read(min(_CHUNK, length))
        if not data or data.strip(b"\0"):
            return False
        length -= len(data)
    return True


def _names(folder: str) -> list[str]:
    try:
        return sorted(name for name in os.listdir(folder) if not re.search(r"-part\d+$", name))
    except OSError:
        return []
