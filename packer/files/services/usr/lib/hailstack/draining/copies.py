"""Files that ask for more copies than data nodes will be left: none of those could ever be decommissioned."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Callable, Iterator

from readiness.ask import Unanswered
from readiness.hdfs import web_hdfs
from readiness.site import Site

# With so many data nodes left, HDFS itself is content with the copies that it gives new files.
ENOUGH = 3
SUPERUSER = "hdfs"
AT_ONCE = 8
BATCH = 500


def lower(site: Site, most: int, tell: Callable[[str], None]) -> int:
    """Sets every file that has more copies to `most`, and leaves the others. @returns how many. @raises Unanswered"""
    if most >= ENOUGH:
        return 0
    done, waiting = 0, []
    for path in _above(site, most):
        waiting.append(path)
        if len(waiting) == BATCH:
            done += _set(site, waiting, most)
            waiting = []
            tell(f"{done} files set to {most} copies")
    return done + _set(site, waiting, most)


def _above(site: Site, most: int) -> Iterator[str]:
    """Paths of files with more copies than `most`."""
    folders = ["/"]
    while folders:
        folder = folders.pop()
        for entry in _entries(site, folder):
            path = f"{folder.rstrip('/')}/{entry['pathSuffix']}"
            if entry["type"] == "DIRECTORY":
                folders.append(path)
            elif entry["type"] == "FILE" and entry["replication"] > most:
                yield path


def _entries(site: Site, folder: str) -> Iterator[dict]:
    """A folder's, which may be too many for one answer. One that has gone meanwhile has none."""
    after: dict[str, str] = {}
    while True:
        try:
            told = json.loads(web_hdfs(site, folder, "LISTSTATUS_BATCH", user=SUPERUSER, **after))["DirectoryListing"]
        except Unanswered as error:
            if "FileNotFoundException" in str(error):
                return
            raise
        entries = told["partialListing"]["FileStatuses"]["FileStatus"]
        yield from entries
        if not told["remainingEntries"] or not entries:
            return
        after = {"startAfter": entries[-1]["pathSuffix"]}


def _set(site: Site, paths: list[str], copies: int) -> int:
    """One that has gone meanwhile is answered with no."""

    def one(path: str) -> bool:
        answer = web_hdfs(site, path, "SETREPLICATION", "PUT", user=SUPERUSER, replication=str(copies))
        return bool(json.loads(answer)["boolean"])

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sum(pool.map(one, paths))
