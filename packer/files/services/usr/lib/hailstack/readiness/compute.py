"""YARN's and Spark's workers by name, and the servers of what has been."""

from __future__ import annotations

import time

from .ask import get_json
from .site import Site
from .verdict import Verdict, passed, waiting

# A worker sends one every 15 s; the master forgets it after a minute.
SPARK_SILENT_SECONDS = 40


def yarn(site: Site) -> Verdict:
    told = get_json(site.url("resourcemanager", "/ws/v1/cluster/nodes"))["nodes"] or {}
    # One that was restarted may be there twice, as lost and as running.
    nodes = {node["nodeHostName"]: node for node in sorted(told.get("node", []), key=lambda node: node["state"] == "RUNNING")}
    lacks = {name: _yarn_lack(nodes.get(name)) for name in site.workers()}
    lacks = {name: text for name, text in lacks.items() if text}
    return _by_name(site, lacks, "nodemanager", "journalctl -u yarn-nm -n 50")


def _yarn_lack(node: dict | None) -> str:
    if node is None:
        return "nodemanager not registered"
    if node["state"] == "RUNNING":
        return ""
    report = node.get("healthReport") or ""
    return f"nodemanager is {node['state'].lower()}{': ' if report else ''}{report}"[:300]


def spark(site: Site) -> Verdict:
    told = get_json(site.url("spark-master", "/json/"))
    if told["status"] != "ALIVE":
        return waiting(f"the Spark master is {told['status']}", look="journalctl -u spark-master -n 50")
    need = executor_need(site)
    workers = {worker["host"]: worker for worker in sorted(told["workers"], key=lambda worker: worker["state"] == "ALIVE")}
    lacks = {name: _spark_lack(workers.get(name), need) for name in site.workers()}
    lacks = {name: text for name, text in lacks.items() if text}
    return _by_name(site, lacks, "spark-worker", "journalctl -u spark-worker -n 50")


def executor_need(site: Site) -> tuple[int, int, int]:
    """Executors of a worker, and cores and MiB of each: what notebooks ask the master for."""
    defaults = site.settings("/etc/spark/conf/spark-defaults.conf")
    return (
        int(site.cluster["executors_per_worker"]),
        int(defaults.get("spark.executor.cores", "1")),
        mebibytes(defaults.get("spark.executor.memory", "1g")),
    )


def mebibytes(text: str) -> int:
    """Spark's `4g`, `512m`, `1024k`; a bare number is MiB."""
    number, unit = text.rstrip("bB"), ""
    if number[-1:].isalpha():
        number, unit = number[:-1], number[-1].lower()
    return int(int(number) * {"k": 1 / 1024, "": 1, "m": 1, "g": 1024, "t": 1024**2}[unit])


def _spark_lack(worker: dict | None, need: tuple[int, int, int]) -> str:
    if worker is None:
        return "Spark worker not registered"
    silent = time.time() - worker["lastheartbeat"] / 1000
    if worker["state"] != "ALIVE":
        return f"Spark worker is {worker['state'].lower()}"
    if silent > SPARK_SILENT_SECONDS:
        return f"Spark worker silent for {silent:.0f} s"
    executors, cores, memory = need
    if worker["cores"] < executors * cores or worker["memory"] < executors * memory:
        offers = f"offers {worker['cores']} cores and {worker['memory']} MiB"
        return f"Spark worker {offers}; {executors} executors need {executors * cores} and {executors * memory}"
    return ""


def _by_name(site: Site, lacks: dict[str, str], service: str, look: str) -> Verdict:
    """Who is listed must also take a connection: the list is minutes behind when a node has just gone."""
    for name, why in site.probe(site.workers(), service).items():
        lacks[name] = f"{lacks[name]}; {why}" if name in lacks else f"{service}: {why}"
    count = f"{len(site.workers()) - len(lacks)} of {len(site.workers())} {service}s"
    return waiting(count, nodes=lacks, look=look) if lacks else passed(count)


def history(site: Site) -> Verdict:
    get_json(site.url("job-history", "/ws/v1/history/info"))
    get_json(site.url("spark-history", "/api/v1/applications?limit=1"))
    return passed("of MapReduce and of Spark")
