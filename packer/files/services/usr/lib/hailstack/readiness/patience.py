"""For how long whoever follows waits: /run/hailstack/patience.json, which may be written anew while `ready` runs."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Callable

from .put_json import put_json
from .site import Site

PLACE = "/run/hailstack/patience.json"


@dataclass(frozen=True)
class Patience:
    # By the monotonic clock, which all programs of a machine share until it reboots.
    until: float = float("inf")
    # So many times as long as usual may each stage take.
    stretch: float = 1.0

    @property
    def left(self) -> float:
        return self.until - time.monotonic()


def put(site: Site, seconds: float, stretch: float) -> None:
    """@raises ValueError for what is no patience"""
    if not (0 < seconds < 10**6 and 1 <= stretch < 10**3):
        raise ValueError(f"no patience: {seconds} s, {stretch} times")
    put_json(site.path(PLACE), {"until": time.monotonic() + seconds, "stretch": stretch})


def reader(site: Site) -> Callable[[], Patience]:
    """What it is at each moment. One that was over before this program began was somebody else's."""
    began = time.monotonic()

    def now() -> Patience:
        try:
            told = json.loads(site.read(PLACE))
            known = Patience(float(told["until"]), float(told["stretch"]))
        except (ValueError, KeyError, TypeError):
            return Patience()
        return known if known.until > began else Patience()

    return now
