"""Files that are whole or not there, with their owner and mode from the first instant, and never through a symlink."""

import grp
import os
import pwd
import stat
from dataclasses import dataclass

from hailstack_node.system import Fault


@dataclass(frozen=True)
class Content:
    """A file as it lies: bytes, numbers of owner and group, permission bits."""

    data: bytes
    uid: int
    gid: int
    mode: int


def numbers_of(owner: str) -> tuple[int, int]:
    """Numbers of `user` or `user:group`. @raises Fault when this node knows one of them not"""
    user, _, group = owner.partition(":")
    try:
        entry = pwd.getpwnam(user)
        return entry.pw_uid, grp.getgrnam(group).gr_gid if group else entry.pw_gid
    except KeyError:
        raise Fault(f"this node knows no owner {owner}", "unknown-owner") from None


def read(path: str) -> Content | None:
    """The regular file at `path`; None when there is none, or something else in its place."""
    folder = _open_folder(path, make=False)
    if folder is None:
        return None
    try:
        handle = os.open(os.path.basename(path), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError:
        return None
    finally:
        os.close(folder)
    with os.fdopen(handle, "rb") as file:
        told = os.fstat(handle)
        if not stat.S_ISREG(told.st_mode):
            return None
        return Content(file.read(), told.st_uid, told.st_gid, stat.S_IMODE(told.st_mode))


def put(path: str, content: Content) -> bool:
    """Makes the file at `path` so, durably; false when it is so already, and nothing was written.

    Folders that are missing are made, root's and 0755. @raises Fault `unsafe-path`
    """
    folder = _open_folder(path, make=True)
    assert folder is not None
    name = os.path.basename(path)
    fresh = f".{name}.hailstack"
    try:
        _remove(folder, fresh)
        if read(path) == content:
            return False
        _write(folder, fresh, content)
        os.rename(fresh, name, src_dir_fd=folder, dst_dir_fd=folder)
        os.fsync(folder)
        return True
    except IsADirectoryError:
        raise Fault(f"{path} is a folder", "unsafe-path") from None
    finally:
        os.close(folder)


def put_text(path: str, text: str, mode: int = 0o644) -> bool:
    """`put` of a file of root's."""
    return put(path, Content(text.encode(), 0, 0, mode))


def remove(path: str) -> None:
    """Fine where it is not there. @raises Fault `unsafe-path`"""
    folder = _open_folder(path, make=False)
    if folder is None:
        return
    try:
        _remove(folder, os.path.basename(path))
        os.fsync(folder)
    finally:
        os.close(folder)


def _write(folder: int, name: str, content: Content) -> None:
    # The file's own mode less what only the right owner may give away; what is in it comes last.
    handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, content.mode & 0o600, dir_fd=folder)
    with os.fdopen(handle, "wb") as file:
        os.fchown(handle, content.uid, content.gid)
        os.fchmod(handle, content.mode)
        file.write(content.data)
        file.flush()
        os.fsync(handle)


def _remove(folder: int, name: str) -> None:
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        pass


def _open_folder(path: str, make: bool) -> int | None:
    """A handle of the folder that holds `path`, reached step by step; None when it is not there and shall not be."""
    if not path.startswith("/") or os.path.normpath(path) != path or "\0" in path:
        raise Fault(f"{path!r} is not an absolute path in its plain form", "unsafe-path")
    at = os.open("/", os.O_PATH | os.O_DIRECTORY)
    for step in path.split("/")[1:-1]:
        try:
            below = _step(at, step, make)
        finally:
            os.close(at)
        if below is None:
            return None
        at = below
        told = os.fstat(at)
        if make and (told.st_uid != 0 or told.st_mode & 0o002):
            os.close(at)
            raise Fault(f"{path}: its folder {step} is not root's alone to write in", "unsafe-path")
    return at


def _step(at: int, name: str, make: bool) -> int | None:
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
    try:
        return os.open(name, flags, dir_fd=at)
    except FileNotFoundError:
        if not make:
            return None
    except OSError:
        raise Fault(f"{name} is no folder, or a link to one", "unsafe-path") from None
    os.mkdir(name, 0o755, dir_fd=at)
    below = os.open(name, flags, dir_fd=at)
    # Whatever the umask is.
    os.fchmod(below, 0o755)
    return below
