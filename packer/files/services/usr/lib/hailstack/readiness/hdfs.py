"""HDFS: its data nodes by name, its folders, and whether a file goes in and comes out."""

from __future__ import annotations

import json
import secrets
from contextlib import suppress
from urllib.parse import quote

from .ask import Unanswered, get_json, request
from .site import Site
from .verdict import Verdict, failed, passed, waiting

# Heartbeats come every 3 s; the namenode itself calls a node dead after ten minutes.
SILENT_SECONDS = 12
LEAST_ROOM_MIB = 256
WRITE_TRIES = 6
LOOK = "journalctl -u hdfs-datanode -n 50"
LOOK_NAMENODE = "journalctl -u hdfs-namenode -n 50"


def _bean(site: Site, name: str) -> dict:
    beans = get_json(site.url("namenode", f"/jmx?qry=Hadoop:service=NameNode,name={name}"))["beans"]
    if not beans:
        raise Unanswered(f"the namenode does not show its {name} yet")
    return beans[0]


def datanodes(site: Site) -> Verdict:
    info, system = _bean(site, "NameNodeInfo"), _bean(site, "FSNamesystemState")
    live, dead = _by_host(info["LiveNodes"]), _by_host(info["DeadNodes"])
    lacks = {name: _lack(live.get(name), dead.get(name)) for name in site.workers()}
    lacks = {name: text for name, text in lacks.items() if text}
    for name, why in site.probe(lacks, "datanode").items():
        lacks[name] += f"; {why}"
    count = f"{len(site.workers()) - len(lacks)} of {len(site.workers())} datanodes"
    if lacks:
        return waiting(count, nodes=lacks, look=LOOK)
    if system["FSState"] != "Operational" or info.get("Safemode"):
        return waiting(f"{count}; HDFS is {system['FSState']}: {info.get('Safemode')}"[:300], look=LOOK_NAMENODE)
    return passed(count)


def _by_host(nodes: str) -> dict[str, dict]:
    return {key.rpartition(":")[0]: node for key, node in json.loads(nodes).items()}


def _lack(live: dict | None, dead: dict | None) -> str:
    if live is None:
        return f"datanode dead, last heard of {dead['lastContact']} s ago" if dead else "datanode not registered"
    if live["lastContact"] > SILENT_SECONDS:
        return f"datanode silent for {live['lastContact']} s"
    if live.get("volfails"):
        return f"datanode lost {live['volfails']} of its volumes"
    if live["remaining"] < LEAST_ROOM_MIB * 2**20:
        return f"datanode has no room: {live['remaining'] // 2**20} MiB left for blocks"
    return ""


def web_hdfs(
    site: Site, path: str, operation: str, method: str = "GET", body: bytes = b"", user: str = "", **more: str
) -> bytes:
    """As the login user unless another is named. @raises Unanswered with HDFS's own reason"""
    options = "".join(f"&{key}={quote(value)}" for key, value in more.items())
    url = site.url("namenode", f"/webhdfs/v1{quote(path)}?op={operation}&user.name={quote(user or site.user)}{options}")
    status, _, answer = request(url, method, body)
    if status in (200, 201):
        return answer
    try:
        told = json.loads(answer)["RemoteException"]
        reason = f"{told['exception']}: {told['message']}".splitlines()[0]
    except (ValueError, KeyError, TypeError, IndexError):
        reason = f"status {status}"
    raise Unanswered(f"{operation} {path}: {reason}"[:300])


def layout(site: Site) -> Verdict:
    wanted = {
        "/tmp": ("1777", None),
        f"/user/{site.user}": (None, site.user),
        "/spark-logs": ("1777", None),
        "/mr-history/done": (None, "mapred"),
        "/app-logs": ("1777", None),
    }
    for path, (mode, owner) in wanted.items():
        found = json.loads(web_hdfs(site, path, "GETFILESTATUS"))["FileStatus"]
        if found["type"] != "DIRECTORY" or (mode or found["permission"]) != found["permission"]:
            return waiting(f"{path} is a {found['type']} of mode {found['permission']}", look="journalctl -u hailstack-hdfs-layout")
        if (owner or found["owner"]) != found["owner"]:
            return waiting(f"{path} is {found['owner']}'s", look="journalctl -u hailstack-hdfs-layout")
    return passed(f"{len(wanted)} folders")


def _create(site: Site, path: str, content: bytes) -> None:
    """The namenode sends writers to whatever node it takes for alive, which a worker that has gone is for two minutes."""
    # Told as clients do: a data node that has run since there were fewer workers would choose as many copies as then.
    wanted = {"overwrite": "true", "replication": str(site.cluster["replication"])}
    ours = {"", site.resolve(site.master), *site.workers()}
    for left in reversed(range(WRITE_TRIES)):
        try:
            web_hdfs(site, path, "CREATE", "PUT", content, **wanted)
            return
        except Unanswered as error:
            if left == 0 or error.host in ours:
                raise


def write(site: Site) -> Verdict:
    """What WebHDFS does with a block costs a tenth of what starting a JVM for it does."""
    path, content = f"/tmp/hailstack-ready-{secrets.token_hex(4)}", secrets.token_bytes(64)
    try:
        _create(site, path, content)
        read = web_hdfs(site, path, "OPEN")
        copies = json.loads(web_hdfs(site, path, "GETFILESTATUS"))["FileStatus"]["replication"]
    except Unanswered as error:
        # HDFS says which data node shall take the file, and that one may be the one that does not.
        if error.host not in site.workers():
            raise
        return waiting(f"a file cannot be written: {error}", nodes={error.host: str(error)}, look=LOOK)
    finally:
        # Also of a write that was not answered in time; what stands in its way then is told above.
        with suppress(Unanswered):
            web_hdfs(site, path, "DELETE", "DELETE")
    if read != content:
        return failed("a file came back with other bytes than were written", look=LOOK_NAMENODE)
    if copies != site.cluster["replication"]:
        return failed(f"files get {copies} copies, not {site.cluster['replication']}", look="cat /etc/hadoop/conf/hdfs-site.xml")
    return passed(f"64 bytes, {copies} copies")
