"""How far HDFS, YARN and Spark are with workers that leave: by host name, whether they are done, and in words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Callable
from urllib.parse import urlencode

from readiness.ask import Unanswered, get_json, request
from readiness.site import Site


@dataclass(frozen=True)
class Part:
    done: bool
    text: str


Parts = dict[str, Part]


def hdfs(site: Site, hosts: list[str]) -> Parts:
    """The namenode has been told by its exclude file. A node counts as done when no block depends on it."""
    beans = get_json(site.url("namenode", "/jmx?qry=Hadoop:service=NameNode,name=NameNodeInfo"))["beans"]
    if not beans:
        raise Unanswered("the namenode does not show its nodes yet")
    live, dead, leaving = (_by_host(beans[0][name]) for name in ("LiveNodes", "DeadNodes", "DecomNodes"))
    missing = int(beans[0]["NumberOfMissingBlocks"])
    return {host: _datanode(live.get(host), dead.get(host), leaving.get(host, {}), missing) for host in hosts}


def _by_host(nodes: str) -> dict[str, dict]:
    return {key.rpartition(":")[0]: node for key, node in json.loads(nodes).items()}


def _datanode(live: dict | None, dead: dict | None, leaving: dict, missing: int) -> Part:
    if live is None:
        word = "dead" if dead else "no datanode"
        if missing and not (dead or {}).get("decommissioned"):
            return Part(False, f"{word}, and {_count(missing, 'block')} missing")
        return Part(True, word)
    state = live["adminState"]
    if state == "Decommissioned":
        return Part(True, "decommissioned")
    if state != "Decommission In Progress":
        return Part(False, "not excluded yet")
    left, opened = leaving.get("underReplicatedBlocks", 0), leaving.get("underReplicateInOpenFiles", 0)
    text = f"{_count(left, 'block')} left" if left else "being decommissioned"
    return Part(False, f"{text}, {opened} of files that are being written" if opened else text)


def yarn(site: Site, hosts: list[str]) -> Parts:
    """The resource manager has been told by the same exclude file."""
    told = get_json(site.url("resourcemanager", "/ws/v1/cluster/nodes"))["nodes"] or {}
    # One that was started again may be there twice; what runs comes last.
    nodes = {node["nodeHostName"]: node for node in sorted(told.get("node", []), key=_runs)}
    return {host: _nodemanager(nodes.get(host)) for host in hosts}


def _runs(node: dict) -> bool:
    return node["state"] in ("NEW", "RUNNING", "UNHEALTHY", "DECOMMISSIONING")


def _nodemanager(node: dict | None) -> Part:
    if node is None:
        return Part(True, "no nodemanager")
    word = node["state"].lower()
    containers = int(node.get("numContainers") or 0)
    return Part(not _runs(node), f"{word}, {_count(containers, 'container')}" if _runs(node) and containers else word)


def spark(site: Site, hosts: list[str]) -> Parts:
    """Tells the master, until it has heard: it gives these workers nothing new, and executors end with their tasks."""
    told = get_json(site.url("spark-master", "/json/"))
    known = {worker["host"]: worker["state"] for worker in sorted(told["workers"], key=lambda one: one["state"] != "DEAD")}
    staying = [host for host in hosts if known.get(host) == "ALIVE"]
    refusal = _decommission(site, staying) if staying else ""
    return {host: _worker(site, host, known.get(host, "DEAD"), refusal if host in staying else None) for host in hosts}


def _decommission(site: Site, hosts: list[str]) -> str:
    """Why not; empty when the master has taken it."""
    query = urlencode([("host", host) for host in hosts])
    status, _, _ = request(site.url("spark-master", f"/workers/kill/?{query}"), "POST")
    return "" if status == 200 else f"its master does not decommission it (status {status})"


def _worker(site: Site, host: str, state: str, refusal: str | None) -> Part:
    """`refusal` is None for one that has been told before. What runs there, only the worker itself still knows."""
    if state == "DEAD":
        return Part(True, "no worker")
    try:
        running = len(get_json(f"http://{site.resolve(host)}:{site.ports['spark-worker']}/json/")["executors"])
    except (Unanswered, OSError) as error:
        return Part(False, f"does not answer: {error}")
    words = [_count(running, "executor")] if running else []
    if refusal == "":
        return Part(False, ", ".join(["told", *words]))
    if refusal:
        return Part(running == 0, ", ".join([refusal, *words]))
    return Part(running == 0, words[0] if words else "decommissioned")


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def ask(service: Callable[[Site, list[str]], Parts], site: Site, hosts: list[str]) -> Parts:
    """What the service says; of one that does not, why."""
    try:
        return service(site, hosts)
    except (Unanswered, OSError, KeyError, ValueError, TypeError) as error:
        why = str(error) if isinstance(error, Unanswered) else f"{type(error).__name__}: {error}"
        return {host: Part(False, f"not known: {why}"[:300]) for host in hosts}
