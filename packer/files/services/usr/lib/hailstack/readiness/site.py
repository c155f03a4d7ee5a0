"""The cluster as its master knows it, and the ways to ask about it. A test gives another root, ports and resolver."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Iterable, Mapping

PORTS = {
    "http": 80,
    "https": 443,
    "namenode": 9870,
    "resourcemanager": 8088,
    "spark-master": 8080,
    "spark-history": 18080,
    "job-history": 19888,
    "jupyter": 8888,
    "netdata": 19999,
    # Of each worker, on its own address.
    "datanode": 9866,
    "nodemanager": 8042,
    "spark-worker": 8081,
}
LOCAL = frozenset({"http", "https", "jupyter", "netdata"})
# So many workers are asked at once, and each has so long to take a connection.
PROBES_AT_ONCE = 32
PROBE_SECONDS = 2.0
# A stopped or stuck daemon's port takes connections all the same, for the kernel does that; so these must answer too.
SPEAK_HTTP = frozenset({"nodemanager", "spark-worker"})
ANSWER_SECONDS = 10.0


def resolve(name: str) -> str:
    """The IPv4 address of a name, as every program of this node finds it. @raises OSError"""
    return str(socket.getaddrinfo(name, None, socket.AF_INET, socket.SOCK_STREAM)[0][4][0])


@dataclass
class Site:
    root: Path = Path("/")
    ports: Mapping[str, int] = field(default_factory=lambda: PORTS)
    resolve: Callable[[str], str] = resolve
    # What checks remember from one round to the next.
    memory: dict = field(default_factory=dict)

    def path(self, absolute: str) -> Path:
        return self.root / absolute.lstrip("/")

    def read(self, absolute: str) -> str:
        """The text of a file; empty when there is none."""
        try:
            return self.path(absolute).read_text(encoding="utf-8", errors="replace")
        except (FileNotFoundError, NotADirectoryError):
            return ""

    @property
    def cluster(self) -> dict:
        """Read anew each time: a live cluster gets workers while its readiness is being asked."""
        return json.loads(self.read("/etc/hailstack/cluster.json"))

    @property
    def master(self) -> str:
        return self.cluster["master"]

    @property
    def user(self) -> str:
        return self.cluster["ssh_username"]

    def workers(self) -> list[str]:
        """Host names, as /etc/hosts has them beside the short ones: a long cluster's are shortened, each in its own way."""
        cluster = self.cluster
        rows = [line.split() for line in self.read("/etc/hosts").splitlines()]
        hosts = {row[2]: row[1] for row in rows if len(row) > 2}
        numbers = [f"{number:02d}" for number in range(1, cluster["workers"] + 1)]
        return [hosts.get(f"worker-{number}", f"{cluster['worker_prefix']}{number}") for number in numbers]

    def settings(self, absolute: str) -> dict[str, str]:
        """KEY=value of a file in systemd's way, or `key value` in Spark's."""
        found = {}
        for line in self.read(absolute).splitlines():
            line = line.strip()
            if line and line[0] not in "#;":
                key, _, value = line.partition("=") if absolute.endswith(".env") else line.partition(" ")
                found[key.strip()] = value.strip()
        return found

    def url(self, service: str, path: str) -> str:
        """Some listen for this node alone, the others where the nodes of the cluster find them, and there only."""
        scheme = "https" if service == "https" else "http"
        host = "127.0.0.1" if service in LOCAL else self.resolve(self.master)
        return f"{scheme}://{host}:{self.ports[service]}{path}"

    def probe(self, names: Iterable[str], service: str) -> dict[str, str]:
        """By name, why the service of that node cannot be spoken to; with whom one can is not in it."""
        wanted = list(names)
        with ThreadPoolExecutor(PROBES_AT_ONCE) as pool:
            answers = list(pool.map(lambda name: self._refusal(name, service), wanted))
        return {name: answer for name, answer in zip(wanted, answers) if answer}

    def _refusal(self, name: str, service: str) -> str:
        port = self.ports[service]
        try:
            with socket.create_connection((self.resolve(name), port), PROBE_SECONDS) as connection:
                return "" if service not in SPEAK_HTTP or _answers(connection) else f"port {port} takes calls, but nothing answers"
        except ConnectionRefusedError:
            return f"nothing listens on port {port}"
        except socket.gaierror:
            return "its name does not resolve"
        except OSError as error:
            return f"port {port} does not answer ({error.strerror or 'timed out'})"


def _answers(connection: socket.socket) -> bool:
    """Whatever it says to a question in HTTP. @raises OSError"""
    connection.settimeout(ANSWER_SECONDS)
    connection.sendall(b"HEAD / HTTP/1.0\r\n\r\n")
    try:
        return connection.recv(1) != b""
    except TimeoutError:
        return False


def run(command: list[str], seconds: float = 10, stdin: str = "") -> tuple[int, str]:
    """Status and output of a program; 124 when it took too long, 127 when there is none."""
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(
            command,
            input=stdin.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            env=environment,
            check=False,
        )
        return done.returncode, done.stdout.decode("utf-8", "replace")
    except subprocess.TimeoutExpired:
        return 124, f"{command[0]} took longer than {seconds:.0f} s"
    except FileNotFoundError:
        return 127, f"there is no {command[0]}"
