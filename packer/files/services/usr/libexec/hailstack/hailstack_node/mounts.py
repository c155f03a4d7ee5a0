"""Mount units of this node, written from cluster.json: the data volume, its share on workers, Lustre."""

import os
import re
from collections.abc import Iterator

from hailstack_node import safe_files
from hailstack_node.facts import Facts
from hailstack_node.system import run

UNITS = "/etc/systemd/system"
MAPPER = "hailstack-data"
LUSTRE = "/lustre"
# What is not mounted is not shared.
SHARE = "nfs-server.service.d/hailstack.conf"
_MARK = "# Written on this node by hailstack, from /etc/hailstack/cluster.json.\n"


def unit_of(path: str) -> str:
    """The name, without its end, of the unit that mounts at `path`: what `systemd-escape --path` says."""
    name = path.strip("/")
    escaped = re.sub(r"[^\w:./]", _escape, name, flags=re.A).replace("/", "-")
    return re.sub(r"^\.", "\\\\x2e", escaped)


def write(facts: Facts, lustre: bool) -> list[str]:
    """Writes the units that this node needs and removes ours that it does not. @returns names of those that changed"""
    wanted = dict(units(facts, lustre))
    changed = [name for name, text in wanted.items() if safe_files.put_text(f"{UNITS}/{name}", _MARK + text)]
    for name in _ours():
        if name not in wanted:
            if name != SHARE:
                run(["systemctl", "disable", "--now", "--quiet", name])
            safe_files.remove(f"{UNITS}/{name}")
            changed.append(name)
    return changed


def units(facts: Facts, lustre: bool) -> Iterator[tuple[str, str]]:
    """Name and text of each unit."""
    if facts.volume and facts.role == "master":
        name, mount = unit_of(facts.volume.mount), facts.volume.mount
        # Whatever it is formatted with; the service hailstack-volume opens the disk, and starts this.
        options = "noatime"
        yield f"{name}.mount", _mount("Encrypted data volume", f"/dev/mapper/{MAPPER}", mount, "", options)
        yield SHARE, _unit(["[Unit]", f"RequiresMountsFor={mount}", f"AssertPathIsMountPoint={mount}"])
    elif facts.volume:
        name, mount = unit_of(facts.volume.mount), facts.volume.mount
        # Hard: a job waits for a master that restarts, and loses nothing.
        what = f"{facts.master}:{mount}"
        yield f"{name}.mount", _mount("Data volume of the master", what, mount, "nfs4", "_netdev,hard,noatime")
        yield f"{name}.automount", _automount("Data volume of the master", mount, facts.target)
    if lustre:
        name = unit_of(LUSTRE)
        yield f"{name}.mount", _mount("Lustre", facts.lustre, LUSTRE, "lustre", "_netdev,flock")
        yield f"{name}.automount", _automount("Lustre", LUSTRE, facts.target)


def _mount(title: str, what: str, where: str, kind: str, options: str) -> str:
    lines = [f"Type={kind}"] if kind else []
    network = ["Wants=network-online.target", "After=network-online.target"] if "_netdev" in options else []
    return _unit(
        ["[Unit]", f"Description={title}", *network, "# Asked for again and again while the other side is away."]
        + ["StartLimitIntervalSec=0", "", "[Mount]", f"What={_plain(what)}", f"Where={where}", *lines]
        + [f"Options={options}", "TimeoutSec=60"]
    )


def _automount(title: str, where: str, target: str) -> str:
    return _unit(
        ["[Unit]", f"Description={title}", "StartLimitIntervalSec=0", "", "[Automount]", f"Where={where}", ""]
        + ["[Install]", f"WantedBy={target}"]
    )


def _unit(lines: list[str]) -> str:
    return "\n".join([*lines, ""])


def _plain(text: str) -> str:
    return text.replace("%", "%%")


def _escape(found: re.Match) -> str:
    return "".join(f"\\x{byte:02x}" for byte in found[0].encode())


def _ours() -> Iterator[str]:
    for name in [*sorted(os.listdir(UNITS)), SHARE]:
        if name.endswith((".mount", ".automount")) or name == SHARE:
            content = safe_files.read(f"{UNITS}/{name}")
            if content and content.data.startswith(_MARK.encode()):
                yield name
