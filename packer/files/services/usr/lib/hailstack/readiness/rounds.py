"""Rounds until three good ones in a row, then the Hail job."""

from __future__ import annotations

import os
import time

from . import patience
from .document import Document
from .job import run_job
from .site import Site
from .stages import STAGES, Round, check_all

GOOD_ROUNDS = 3
# A job that failed while the cluster is good may have met a worker that was just starting again: once more, no oftener.
JOB_TRIES = 2
JOB_DEADLINE = 1800.0


def deadlines() -> dict[str, float]:
    """READY_DEADLINES of the unit: `boot=900 spark=300 job=600`, in seconds. @raises ValueError for anything else"""
    found = {}
    for pair in os.environ.get("READY_DEADLINES", "").split():
        name, _, seconds = pair.partition("=")
        if name not in {stage.name for stage in STAGES} | {"job"}:
            raise ValueError(f"READY_DEADLINES: there is no stage '{name}'")
        found[name] = float(seconds)
    return found


def follow(site: Site, pause: float = 2.0) -> bool:
    """Until the cluster is ready or cannot be; each round leaves its document. @returns whether it is ready"""
    limits = deadlines()
    document = Document(site, Round(limits))
    wait = patience.reader(site)
    tries = 0
    while True:
        document.round.patience = wait()
        is_last = document.round.patience.left <= 0
        one_round(document)
        document.save()
        if document.round.hopeless or is_last:
            return _end(document, "failed")
        if document.good_rounds >= GOOD_ROUNDS:
            tries += 1
            run_hail(document, job_seconds(limits, wait()))
            if document.job["state"] == "passed":
                return _end(document, "failed" if _softly_failed(document) else "ready")
            if tries >= JOB_TRIES:
                return _end(document, "failed")
            document.good_rounds = 0
        time.sleep(pause)


def one_round(document: Document) -> None:
    began = time.monotonic()
    check_all(document.site, document.round)
    document.round_seconds = time.monotonic() - began
    document.number += 1
    document.good_rounds = document.good_rounds + 1 if document.round.good else 0


def job_seconds(limits: dict[str, float], known: patience.Patience) -> float:
    """No longer than anybody waits; who began when time was nearly up learns what the job was at."""
    return max(min(limits.get("job", JOB_DEADLINE) * known.stretch, known.left), 1.0)


def run_hail(document: Document, seconds: float) -> None:
    def tell(job: dict) -> None:
        document.job = job
        document.save()

    try:
        document.job = run_job(document.site, seconds, tell)
    except Exception as error:  # noqa: BLE001 - whoever follows must learn that there will be no more news
        detail = f"could not be started: {type(error).__name__}: {error}"
        document.job = {"state": "failed", "seconds": 0, "hosts": [], "detail": detail}
    document.save()


def _softly_failed(document: Document) -> bool:
    return any(document.round.verdicts[stage.name].state == "failed" for stage in STAGES)


def _end(document: Document, state: str) -> bool:
    document.state = state
    document.save()
    return state == "ready"
