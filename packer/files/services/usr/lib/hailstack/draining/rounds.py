"""Rounds until the workers are empty, or time is up. /var/lib/hailstack/drain.json has the news of the last one."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field

from readiness.ask import Unanswered
from readiness.document import now
from readiness.put_json import put_json
from readiness.site import Site

from . import copies, services
from .services import Parts

VERSION = 1
# It outlives a reboot: a worker that stays after all must be given back to Spark.
PLACE = "/var/lib/hailstack/drain.json"
SERVICES = {"hdfs": services.hdfs, "yarn": services.yarn, "spark": services.spark}
# Programs that run go on with the number of copies that they began with.
COPIES_EVERY_SECONDS = 60.0


@dataclass
class Drain:
    site: Site
    hosts: list[str]
    # The most copies that a file may ask for afterwards.
    replication: int
    state: str = "draining"
    detail: str = ""
    parts: dict[str, Parts] = field(default_factory=dict)
    shown: str = ""

    def run(self, seconds: float, pause: float = 3.0) -> int:
        """@returns 0 when nothing in HDFS depends on the workers any more, else 3"""
        until = time.monotonic() + seconds
        lower_at = time.monotonic()
        while True:
            if not self.safe and time.monotonic() >= lower_at:
                self._lower()
                lower_at = time.monotonic() + COPIES_EVERY_SECONDS
            self.parts = {name: services.ask(service, self.site, self.hosts) for name, service in SERVICES.items()}
            if not any(self.left(host) for host in self.hosts):
                self.state = "drained"
            elif time.monotonic() + pause > until:
                self.state = "deadline"
            self.tell()
            if self.state != "draining":
                return 0 if self.safe else 3
            time.sleep(pause)

    @property
    def safe(self) -> bool:
        return bool(self.parts) and all(part.done for part in self.parts["hdfs"].values())

    def left(self, host: str) -> list[str]:
        return [name for name, parts in self.parts.items() if not parts[host].done]

    def content(self) -> dict:
        nodes = {
            host: {**{name: parts[host].text for name, parts in self.parts.items()}, "left": self.left(host)}
            for host in self.hosts
            if self.parts
        }
        return {"version": VERSION, "state": self.state, "safe": self.safe, "detail": self.detail, "nodes": nodes}

    def tell(self) -> None:
        """Saves how far it is, and prints it where that is news."""
        line = json.dumps(self.content())
        if line != self.shown:
            print(line, flush=True)
            self.shown = line
        put_json(self.site.path(PLACE), {**self.content(), "updated": now()})

    def _lower(self) -> None:
        def news(text: str) -> None:
            self.detail = text
            self.tell()

        try:
            count = copies.lower(self.site, self.replication, news)
            self.detail = f"{count} files set to {self.replication} copies" if count else self.detail
        except (Unanswered, OSError, KeyError, ValueError, TypeError) as error:
            self.detail = f"copies of files cannot be lowered: {error}"[:300]
