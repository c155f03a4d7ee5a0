"""What a check says of its stage."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Mapping


@dataclass(frozen=True)
class Verdict:
    # passed; waiting: may still come by itself; failed: cannot pass any more; skipped: this cluster has no such thing.
    state: str
    detail: str = ""
    # By host name: what the node lacks.
    nodes: Mapping[str, str] = field(default_factory=dict)
    # The command, on the node that is named, that tells more.
    look: str = ""
    # The unit of this node whose journal ends with the reason.
    unit: str = ""
    # The last words of what failed, where no journal has them.
    lines: tuple[str, ...] = ()


def passed(detail: str = "") -> Verdict:
    return Verdict("passed", detail)


def skipped(detail: str) -> Verdict:
    return Verdict("skipped", detail)


def waiting(detail: str, **more) -> Verdict:
    return Verdict("waiting", detail, **more)


def failed(detail: str, **more) -> Verdict:
    return Verdict("failed", detail, **more)
