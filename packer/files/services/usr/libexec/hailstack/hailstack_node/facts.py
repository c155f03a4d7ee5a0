"""Who this node is: /etc/hailstack/cluster.json."""

import json
import re
from dataclasses import dataclass

from hailstack_node.system import Fault

PATH = "/etc/hailstack/cluster.json"
# What is written into units, crypttab's kin and command lines: one word of printing characters.
_WORD = re.compile(r"[!-~]+")


@dataclass(frozen=True)
class Volume:
    """The data volume: Cinder's id; whether this cluster made it (`new`) or found it (`existing`); where it is mounted."""

    id: str
    kind: str
    mount: str


@dataclass(frozen=True)
class Facts:
    """`lustre` is the mount target, or empty. Host names are in /etc/hosts, beside their addresses."""

    cluster: str
    cluster_id: str
    role: str
    hostname: str
    master: str
    user: str
    monitoring: bool
    volume: Volume | None
    lustre: str
    system_packages: tuple[str, ...]
    python_packages: tuple[str, ...]

    @property
    def target(self) -> str:
        return f"hailstack-{self.role}.target"


def read(path: str = PATH) -> Facts:
    """@raises Fault when the file is not there, is cut short, or holds what cannot be"""
    try:
        with open(path, encoding="utf-8") as file:
            told = json.load(file)
        return _facts(told)
    except FileNotFoundError:
        raise Fault(f"{path} is not there: this node has no part in a cluster yet") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Fault(f"{path} cannot be used: {error}") from None


def _facts(told: dict) -> Facts:
    volume = told.get("volume")
    extras = told.get("extras") or {}
    if told["role"] not in ("master", "worker"):
        raise ValueError(f"role {told['role']!r} is neither master nor worker")
    return Facts(
        cluster=_word(told["cluster"]),
        cluster_id=_word(told["cluster_id"]),
        role=told["role"],
        hostname=_word(told["hostname"]),
        master=_word(told["master"]),
        user=_word(told["ssh_username"]),
        monitoring=bool(told.get("monitoring")),
        volume=_volume(volume) if volume else None,
        lustre=_word(told["lustre"]["target"]) if told.get("lustre") else "",
        system_packages=tuple(_word(each) for each in extras.get("system_packages") or ()),
        python_packages=tuple(str(each) for each in extras.get("python_packages") or ()),
    )


def _volume(told: dict) -> Volume:
    volume = Volume(_word(told["id"]), told["kind"], _word(told["mount"]))
    if volume.kind not in ("new", "existing") or not re.fullmatch(r"(/[\w.-]+)+", volume.mount):
        raise ValueError(f"volume {told}")
    return volume


def _word(text: str) -> str:
    if not _WORD.fullmatch(text):
        raise ValueError(f"{text!r} is not one word")
    return text
