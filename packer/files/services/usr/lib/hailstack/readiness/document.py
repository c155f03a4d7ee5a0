"""/run/hailstack/ready.json: what the command line and people read."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from .put_json import put_json
from .site import Site
from .stages import STAGES, Round

VERSION = 1
PLACE = "/run/hailstack/ready.json"


def now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


@dataclass
class Document:
    site: Site
    round: Round
    number: int = 0
    good_rounds: int = 0
    state: str = "forming"
    started: str = field(default_factory=now)
    # Of the last round, in seconds.
    round_seconds: float = 0.0
    job: dict = field(default_factory=lambda: {"state": "waiting", "seconds": 0, "hosts": [], "detail": ""})

    def content(self) -> dict:
        return {
            "version": VERSION,
            "cluster": self.site.cluster["cluster"],
            "round": self.number,
            "good_rounds": self.good_rounds,
            "state": self.state,
            "started": self.started,
            "updated": now(),
            "round_seconds": round(self.round_seconds, 2),
            "stages": [self._stage(stage.name) for stage in STAGES if stage.name in self.round.verdicts],
            "job": self.job,
        }

    def _stage(self, name: str) -> dict:
        verdict = self.round.verdicts[name]
        seconds = self.round.passed_after.get(name, time.monotonic() - self.round.started)
        found = {
            "stage": name,
            "state": verdict.state,
            "seconds": round(seconds, 1),
            "detail": verdict.detail,
            "nodes": dict(verdict.nodes),
            "look": verdict.look,
        }
        return {**found, "lines": list(verdict.lines)} if verdict.lines else found

    def save(self) -> None:
        put_json(self.site.path(PLACE), self.content())
