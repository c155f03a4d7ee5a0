"""The stages in their order, and one round over them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Callable, Mapping

from . import compute, front, hdfs, machine, storage, units
from .ask import Unanswered
from .mask import last_words, masked
from .patience import Patience
from .site import Site
from .verdict import Verdict, failed, waiting


@dataclass(frozen=True)
class Stage:
    name: str
    check: Callable[[Site], Verdict]
    # Where to look when the check itself is not answered.
    look: str = ""
    unit: str = ""
    # Stages that must have passed: without them this one's trouble is theirs.
    needs: tuple[str, ...] = ()
    # Its failure is told at the end, and keeps nobody from the Hail job.
    soft: bool = False
    # Seconds, from the end of boot and of what it needs.
    deadline: float = 1200


def _journal(unit: str) -> dict[str, str]:
    return {"look": f"journalctl -u {unit} -n 50", "unit": unit}


STAGES = (
    Stage("boot", machine.boot, look=machine.LOOK_BOOT, deadline=3600),
    Stage("names", machine.names, look="cat /etc/hosts"),
    Stage("disk", machine.disk, look="df -h /"),
    Stage("clock", machine.clock, look="timedatectl"),
    Stage("services", units.services, look="systemctl --failed"),
    Stage("hdfs", hdfs.datanodes, **_journal("hdfs-namenode")),
    Stage("hdfs-layout", hdfs.layout, needs=("hdfs",), **_journal("hailstack-hdfs-layout")),
    Stage("hdfs-write", hdfs.write, needs=("hdfs", "hdfs-layout"), **_journal("hdfs-namenode")),
    Stage("yarn", compute.yarn, **_journal("yarn-rm")),
    Stage("spark", compute.spark, **_journal("spark-master")),
    Stage("history", compute.history, needs=("hdfs-layout",), **_journal("spark-history-server")),
    Stage("volume", storage.volume, **_journal("hailstack-volume")),
    Stage("lustre", storage.lustre, look="findmnt /lustre", soft=True),
    Stage("netdata", front.netdata, **_journal("netdata")),
    Stage("web", front.web, look=front.LOOK, unit="nginx"),
    Stage("extras", machine.extras, look=machine.LOOK_BOOT, soft=True, deadline=3600),
)


@dataclass
class Round:
    """What is known after a round, and since when."""

    deadlines: Mapping[str, float] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    # When a stage's own time began, and how long after the start it passed.
    since: dict[str, float] = field(default_factory=dict)
    passed_after: dict[str, float] = field(default_factory=dict)
    patience: Patience = field(default_factory=Patience)

    def settled(self, stage: Stage) -> bool:
        state = self.verdicts[stage.name].state
        return state in ("passed", "skipped") or (stage.soft and state == "failed")

    @property
    def good(self) -> bool:
        return all(self.settled(stage) for stage in STAGES)

    @property
    def hopeless(self) -> bool:
        return any(self.verdicts[stage.name].state == "failed" and not stage.soft for stage in STAGES)


def check_all(site: Site, before: Round) -> Round:
    """One round; a stage that failed once and softly is not asked again."""
    for stage in STAGES:
        earlier = before.verdicts.get(stage.name)
        if stage.soft and earlier is not None and earlier.state == "failed":
            continue
        verdict = _check(site, stage, before)
        before.verdicts[stage.name] = _with_last_words(site, stage, verdict)
        if verdict.state == "waiting":
            before.passed_after.pop(stage.name, None)
        else:
            before.passed_after.setdefault(stage.name, time.monotonic() - before.started)
    return before


def _check(site: Site, stage: Stage, known: Round) -> Verdict:
    blocking = [name for name in stage.needs if known.verdicts[name].state in ("waiting", "failed")]
    if blocking:
        known.since.pop(stage.name, None)
        return waiting(f"after {blocking[0]}", look=stage.look)
    try:
        verdict = stage.check(site)
    except Unanswered as error:
        verdict = waiting(str(error), nodes={site.master: str(error)}, look=stage.look, unit=stage.unit)
    except Exception as error:  # noqa: BLE001
        # An answer of another shape than this program knows is no reason to know nothing of the other stages, and a
        # machine too busy to answer at all is none to stop asking.
        detail = f"cannot be judged: {type(error).__name__}: {error}"[:300]
        verdict = waiting(detail, look=stage.look, unit=stage.unit)
    return _late(stage, verdict, known)


def _late(stage: Stage, verdict: Verdict, known: Round) -> Verdict:
    """Waiting for longer than the stage may is failing."""
    boot = known.verdicts.get("boot")
    if verdict.state != "waiting":
        known.since.pop(stage.name, None)
        return verdict
    if stage.name != "boot" and (boot is None or boot.state != "passed"):
        return verdict
    began = known.since.setdefault(stage.name, time.monotonic())
    limit = known.deadlines.get(stage.name, stage.deadline) * known.patience.stretch
    if time.monotonic() - began >= limit:
        detail = f"{verdict.detail} (for {limit:.0f} s, which is as long as it may take)"
    elif known.patience.left <= 0:
        detail = f"{verdict.detail} (and the time that was given is over)"
    else:
        return verdict
    return failed(detail, nodes=verdict.nodes, look=verdict.look, unit=verdict.unit or stage.unit)


def _with_last_words(site: Site, stage: Stage, verdict: Verdict) -> Verdict:
    """A journal is only read where someone will want it."""
    if verdict.state != "failed" or verdict.lines:
        return Verdict(**{**vars(verdict), "lines": tuple(masked(site, verdict.lines))})
    unit = verdict.unit or stage.unit
    return Verdict(**{**vars(verdict), "lines": tuple(last_words(site, unit)) if unit else ()})
