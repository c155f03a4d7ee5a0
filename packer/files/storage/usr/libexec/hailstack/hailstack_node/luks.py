"""Formatting, opening and growing the encrypted volume. The passphrase goes by stdin, never by a command line."""

import json
import os

from hailstack_node import disk, safe_files
from hailstack_node.disk import FRESH
from hailstack_node.mounts import MAPPER
from hailstack_node.system import STATE, Fault, Ran, must, run

KEY = "/etc/hailstack/volume.key"
DEVICE = f"/dev/mapper/{MAPPER}"
# The id of the volume that this node has found empty, and begun to format.
BEGUN = f"{STATE}/volume-begun"
_MEMORY_KIB = 262_144
_NO_SUCH_KEY = 2


def label_of(cluster_id: str) -> str:
    """What our header is called. LUKS takes 47 characters."""
    return f"hailstack-{cluster_id}"[:47]


def passphrase() -> bytes:
    """Without the newline that an editor may have put behind it. @raises Fault `no-passphrase`"""
    content = safe_files.read(KEY)
    if content is None or not content.data:
        raise Fault(f"{KEY} is not there, or empty", "no-passphrase")
    return content.data.removesuffix(b"\n")


def has_begun(volume: str) -> bool:
    content = safe_files.read(BEGUN)
    return content is not None and content.data.decode().strip() == volume


def format_disk(device: str, volume: str, label: str, key: bytes) -> None:
    """Makes an encrypted disk of an empty one. What a power cut leaves of it is known for ours by BEGUN."""
    safe_files.put_text(BEGUN, f"{volume}\n")
    command = ["cryptsetup", "luksFormat", "--batch-mode", "--type", "luks2", "--label", label]
    # Whoever opens it later may have less memory than this machine.
    command += ["--pbkdf", "argon2id", "--pbkdf-memory", str(_MEMORY_KIB), "--key-file", "-", device]
    must(command, f"{device} cannot be encrypted", stdin=key)
    token = f'{{"type":"{FRESH}","keyslots":[]}}'.encode()
    must(["cryptsetup", "token", "import", "--json-file", "-", device], "the header takes no note", stdin=token)


def open_disk(device: str, volume: str, key: bytes) -> None:
    """Opens it as DEVICE. @raises Fault `wrong-passphrase`, `open-failed`"""
    command = ["cryptsetup", "open", "--type", "luks", "--key-file", "-", device, MAPPER]
    ran = _with_either(command, key)
    if ran.code == _NO_SUCH_KEY:
        raise Fault(f"the passphrase does not open volume {volume}; nothing on it was changed", "wrong-passphrase")
    if ran.code != 0:
        raise Fault(f"{device} cannot be opened: {ran.last_lines(3)}", "open-failed")


def opened(device: str) -> str:
    """Where DEVICE lies: on `device` or its first partition; empty when it is not open. @raises Fault `busy-disk`"""
    if not os.path.exists(DEVICE):
        return ""
    told = run(["cryptsetup", "status", MAPPER]).out
    places = [line.split(":", 1)[1].strip() for line in told.splitlines() if line.strip().startswith("device:")]
    for place in map(os.path.realpath, places):
        if place in (device, disk.first_partition(device)):
            return place
    raise Fault(f"{DEVICE} is open already, of another disk than {device}", "busy-disk")


def make_file_system(device: str, volume: str, begun: bool) -> None:
    """Makes ext4 on what is open, when we have begun to and nothing is there. @raises Fault `no-file-system`"""
    found = _kind()
    if found and not begun:
        return
    if not found and not begun:
        raise Fault(f"volume {volume} holds no file system, and it was not made just now", "no-file-system")
    if not found:
        must(["mkfs.ext4", "-q", "-L", MAPPER, "-m", "0", DEVICE], "no file system can be made", seconds=3600)
    elif found != "ext4":
        raise Fault(f"volume {volume} was not finished, and holds {found}", "foreign-disk")
    forget_begun(device)


def forget_begun(device: str) -> None:
    """From here on the volume holds data: it will not be formatted again."""
    run(["sync"], seconds=600)
    for number in _fresh_tokens(device):
        must(["cryptsetup", "token", "remove", "--token-id", number, device], "the note in the header stays")
    safe_files.remove(BEGUN)


def grow(key: bytes) -> None:
    """Lets the opened disk have all of its device. @raises Fault"""
    ran = _with_either(["cryptsetup", "resize", "--key-file", "-", MAPPER], key)
    if ran.code != 0:
        raise Fault(f"the volume does not grow: {ran.last_lines(3)}")


def check_file_system() -> None:
    """Mends what a power cut left. @raises Fault `shrunk`, `damaged`"""
    if _kind() != "ext4":
        return
    if (needed := _ext4_bytes()) > (there := _bytes_of(DEVICE)):
        raise Fault(f"the file system has {needed} bytes, its disk {there}: it was made smaller", "shrunk")
    ran = run(["e2fsck", "-p", DEVICE], seconds=7000)
    # Two bits: mended, and mended so that a mounted one would want a reboot.
    if ran.code & ~3:
        raise Fault(f"the file system wants to be looked at: e2fsck -f {DEVICE}: {ran.last_lines(3)}", "damaged")


def grow_file_system() -> None:
    """Online, once it is mounted. @raises Fault"""
    if _kind() == "ext4":
        must(["resize2fs", DEVICE], "the file system does not grow", seconds=3600)


def _with_either(command: list[str], key: bytes) -> Ran:
    """Whoever made the disk may have had a line of text for its key, with the line's end."""
    ran = run(command, stdin=key)
    return run(command, stdin=key + b"\n") if ran.code == _NO_SUCH_KEY else ran


def _kind() -> str:
    """What is on the opened disk, in a word or a few; empty when nothing is known to be."""
    return disk.in_words(disk.probe(DEVICE)).split(" called ")[0]


def _fresh_tokens(device: str) -> list[str]:
    told = run(["cryptsetup", "luksDump", "--dump-json-metadata", device])
    tokens = json.loads(told.out)["tokens"] if told.code == 0 else {}
    return [number for number, token in tokens.items() if token.get("type") == FRESH]


def _ext4_bytes() -> int:
    told = must(["dumpe2fs", "-h", DEVICE], "the file system cannot be read").out
    values = dict(line.split(":", 1) for line in told.splitlines() if ":" in line)
    return int(values["Block count"]) * int(values["Block size"])


def _bytes_of(device: str) -> int:
    with open(device, "rb") as file:
        return file.seek(0, os.SEEK_END)
