"""Runs hail-job as the login user, with the environment of notebooks, and says how it went."""

from __future__ import annotations

import json
import os
import pwd
import queue
import secrets
import shutil
import signal
import subprocess
import threading
import time
from typing import Callable

from .ask import Unanswered, get_json
from .compute import executor_need
from .hdfs import web_hdfs
from .mask import masked
from .site import Site

PROGRAM = "/usr/libexec/hailstack/hail-job"
# Begins each line of hail-job that is for this program; Hail and Spark say much else.
MARK = "hailstack-job "
KEPT_LINES = 200


def expected_workers(site: Site) -> tuple[list[str], list[str]]:
    """Workers with room for an executor, and those whose cores other applications use: they have proved themselves."""
    _, cores, memory = executor_need(site)
    told = get_json(site.url("spark-master", "/json/"))["workers"]
    live = {worker["host"]: worker for worker in told if worker["state"] == "ALIVE"}
    free, busy = [], []
    for name in site.workers():
        worker = live.get(name)
        room = worker is None or (worker["coresfree"] >= cores and worker["memoryfree"] >= memory)
        (free if room else busy).append(name)
    return free, busy


def run_job(site: Site, seconds: float, tell: Callable[[dict], None]) -> dict:
    """`tell` gets the job's part of the document as it goes on. Its tables go whatever becomes of it."""
    free, busy = expected_workers(site)
    if not free:
        detail = f"not run: other applications use all cores of {len(busy)} workers"
        return {"state": "passed", "seconds": 0, "hosts": [], "detail": detail, "busy": busy}
    folder = f"/tmp/hailstack-ready-{secrets.token_hex(8)}"
    job = {"state": "running", "seconds": 0, "hosts": [], "detail": "starting", "busy": busy}
    try:
        return _watch(site, _start(site), _order(site, folder, free, seconds), job, seconds, tell)
    finally:
        try:
            web_hdfs(site, folder, "DELETE", "DELETE", recursive="true")
        except Unanswered:
            # HDFS went away meanwhile; its temporary folders are cleaned by age.
            pass


def _order(site: Site, folder: str, free: list[str], seconds: float) -> dict:
    """What hail-job reads from its stdin."""
    executors, cores, _ = executor_need(site)
    volume = site.cluster["volume"]
    return {
        "mark": MARK,
        "folder": folder,
        "s3a": os.environ.get("READY_S3A", ""),
        "master": site.master,
        "workers": free,
        "slots": len(free) * executors * cores,
        "shared": volume["mount"] if volume else "",
        "lustre": "/lustre" if site.cluster["lustre"] else "",
        "seconds": seconds,
    }


def environment_of(site: Site) -> dict[str, str]:
    """Of a notebook: the cluster's environment and the user's own, and nothing of this program's."""
    home = pwd.getpwnam(site.user).pw_dir
    shared = site.settings("/etc/hailstack/cluster.env")
    return {
        "HOME": home,
        "USER": site.user,
        "LOGNAME": site.user,
        "LANG": "C.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        **shared,
    }


def _start(site: Site) -> subprocess.Popen:
    environment = environment_of(site)
    python = environment["PYSPARK_DRIVER_PYTHON"]
    return subprocess.Popen(
        [shutil.which("runuser") or "runuser", "--user", site.user, "--", python, str(site.path(PROGRAM))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=environment["HOME"],
        env=environment,
        start_new_session=True,
        text=True,
        encoding="utf-8",
        errors="replace",
    )


def _watch(site: Site, process: subprocess.Popen, order: dict, job: dict, seconds: float, tell) -> dict:
    began = time.monotonic()
    heard: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_listen, args=(process, json.dumps(order), heard), daemon=True).start()
    said: list[str] = []
    tell(job)
    while (line := _next(heard)) is not None:
        job["seconds"] = round(time.monotonic() - began, 1)
        if time.monotonic() - began > seconds:
            _end(process)
            detail = f"not done after {seconds:.0f} s; it was at: {job['detail']}"
            return {**job, "state": "failed", "detail": detail, "lines": masked(site, said)}
        if line.startswith(MARK):
            job.update(_news(line))
        elif line.strip():
            said = [*said[-KEPT_LINES:], line.rstrip().rpartition("\r")[2]]
        tell(job)
    job["seconds"] = round(time.monotonic() - began, 1)
    code = process.wait()
    if code == 0 and job["state"] == "passed":
        return job
    detail = job["detail"] if job["state"] == "failed" else f"ended with status {code} at: {job['detail']}"
    return {**job, "state": "failed", "detail": detail, "lines": masked(site, said)}


def _listen(process: subprocess.Popen, order: str, heard: queue.Queue) -> None:
    try:
        process.stdin.write(order)
        process.stdin.close()
    except BrokenPipeError:
        # It ended before it had read; its output says why.
        pass
    for line in process.stdout:
        heard.put(line)
    heard.put(None)


def _next(heard: queue.Queue) -> str | None:
    """Empty when nothing was said for two seconds: whoever waits shall see the time go on."""
    try:
        return heard.get(timeout=2)
    except queue.Empty:
        return ""


def _news(line: str) -> dict:
    known = {"state", "detail", "hosts", "nodes", "steps"}
    return {key: value for key, value in json.loads(line[len(MARK) :]).items() if key in known}


def _end(process: subprocess.Popen) -> None:
    """With its JVM, which is of the same session."""
    for kind in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, kind)
            process.wait(10)
            return
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
