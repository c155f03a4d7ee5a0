"""Stage `settings`: name resolution, Hail's shared folder, and what is mounted."""

import fcntl
import os
import pwd
import stat
import struct

from hailstack_node import mounts, safe_files
from hailstack_node.facts import Facts
from hailstack_node.system import Fault, must, run

RESOLVER = "/etc/systemd/resolved.conf.d/99-hailstack-search-domains.conf"
HAIL_HOME = "/var/lib/hailstack/hail"
TMPFILES = "/etc/tmpfiles.d/hailstack-hail.conf"
# From linux/fs.h.
_GET_FLAGS, _SET_FLAGS, _IMMUTABLE = 0x80086601, 0x40086602, 0x10


def settle(facts: Facts) -> str:
    """Does all of it, and raises at the end. @raises Fault with everything that could not be done"""
    troubles: list[str] = []
    told: list[str] = []
    for part in (_resolver, _folders, _mounts):
        try:
            told.append(part(facts))
        except Fault as fault:
            troubles.append(str(fault))
        except OSError as error:
            troubles.append(f"{error.filename}: {error.strerror}")
    if troubles:
        raise Fault("; ".join(troubles))
    return "; ".join(filter(None, told))


def _resolver(facts: Facts) -> str:
    if not os.path.exists(RESOLVER):
        return ""
    if run(["systemctl", "cat", "systemd-resolved.service"]).code != 0:
        return "search domains are set, but this image has no systemd-resolved to follow them"
    must(["systemctl", "try-restart", "systemd-resolved.service"], "systemd-resolved does not start again")
    return "search domains are set"


def _folders(facts: Facts) -> str:
    """HAIL_HOME/tmp: on the volume where there is one, so that all nodes see the same, else this node's own."""
    os.makedirs(HAIL_HOME, mode=0o755, exist_ok=True)
    tmp = f"{HAIL_HOME}/tmp"
    if facts.volume:
        close_bare(facts.volume.mount)
        _link(f"{facts.volume.mount}/tmp", tmp)
        place, owner = f"{facts.volume.mount}/tmp", facts.user
    else:
        place, owner = tmp, "root"
        if os.path.islink(tmp):
            os.unlink(tmp)
    # The master alone takes old files off the volume. systemd-tmpfiles wants the owner of the folder above.
    kind = "e" if facts.volume else "d"
    if facts.volume and facts.role == "worker":
        safe_files.remove(TMPFILES)
        return f"{tmp} is on the volume"
    group = pwd.getpwnam(owner).pw_gid
    safe_files.put_text(TMPFILES, f"# What jobs left behind.\n{kind} {place} 1777 {owner} {group} 14d\n")
    if not facts.volume:
        must(["systemd-tmpfiles", "--create", TMPFILES], f"{place} cannot be made")
    return f"{tmp} is on the volume" if facts.volume else f"{tmp} is this node's own"


def _mounts(facts: Facts) -> str:
    lustre, trouble = bool(facts.lustre), ""
    if lustre:
        tried = run(["modprobe", "lustre"])
        if tried.code != 0:
            lustre = False
            trouble = f"Lustre is not mounted: this kernel, {os.uname().release}, has no module lustre"
            trouble += f" ({tried.last_lines(1)}); bake an image with the client's modules"
        os.makedirs(mounts.LUSTRE, exist_ok=True)
    changed = mounts.write(facts, lustre)
    if trouble:
        raise Fault(trouble)
    return f"units written: {', '.join(changed)}" if changed else ""


def close_bare(path: str) -> None:
    """Makes the folder below a mount one that nobody can write to while nothing is mounted there."""
    if os.path.ismount(path):
        return
    try:
        os.mkdir(path, 0o555)
    except FileExistsError:
        pass
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        told = os.fstat(handle)
        if (told.st_uid, told.st_gid, stat.S_IMODE(told.st_mode)) != (0, 0, 0o555):
            os.fchown(handle, 0, 0)
            os.fchmod(handle, 0o555)
        _make_immutable(handle)
    finally:
        os.close(handle)


def _make_immutable(handle: int) -> None:
    """Against root too. Not every file system can; 0555 has to do then."""
    try:
        flags = struct.unpack("l", fcntl.ioctl(handle, _GET_FLAGS, struct.pack("l", 0)))[0]
        if not flags & _IMMUTABLE:
            fcntl.ioctl(handle, _SET_FLAGS, struct.pack("l", flags | _IMMUTABLE))
    except OSError:
        pass


def _link(target: str, at: str) -> None:
    if os.path.islink(at) and os.readlink(at) == target:
        return
    if os.path.isdir(at) and not os.path.islink(at):
        os.rmdir(at)
    fresh = f"{at}.hailstack"
    if os.path.lexists(fresh):
        os.unlink(fresh)
    os.symlink(target, fresh)
    os.rename(fresh, at)
