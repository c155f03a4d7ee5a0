"""Who reads which file of a node, and is told when it has changed: /usr/share/hailstack/readers.json.

`folders` lists the places that may be written to. Each of `readers` has `paths` (patterns as of a shell), and may have
`check` (a command: when it refuses, the files go back to what they were), `run` (a command), `as` (its user), `when` (the
unit that must be active for it), `reload` and `restart` (units).
"""

import fnmatch
import json
import os
import re
from collections.abc import Mapping
from functools import cache

from hailstack_node import safe_files
from hailstack_node.safe_files import Content
from hailstack_node.system import run

PATH = "/usr/share/hailstack/readers.json"
# What Hadoop's commands must know of the image, in systemd's way.
ENVIRONMENT = "/etc/hailstack/cluster.env"


@cache
def _read() -> dict:
    with open(PATH, encoding="utf-8") as file:
        return json.load(file)


def may_write(path: str) -> bool:
    """Whether `path` lies in one of the folders, or is one of the files, that are ours."""
    plain = path.startswith("/") and os.path.normpath(path) == path
    return plain and any(path == each or (each.endswith("/") and path.startswith(each)) for each in _read()["folders"])


def tell(before: dict[str, Content | None]) -> dict[str, list]:
    """Tells the readers of the files in `before`, which has what each of them was.

    @returns `written`, `restarted`, `reloaded`, `refused`, as `apply` answers
    """
    written, refused = sorted(before), []
    rules = [rule for rule in _read()["readers"] if _concerned(rule, written)]
    for rule in rules:
        if message := _check(rule):
            for path in _concerned(rule, written):
                _put_back(path, before[path])
                refused.append({"path": path, "message": message})
                written.remove(path)
    rules = [rule for rule in rules if _concerned(rule, written)]
    if any(path.startswith("/etc/systemd/system/") for path in written):
        refused += _ask(["systemctl", "daemon-reload"], "systemd")
    for rule in rules:
        if "run" in rule and os.path.exists(rule["run"][0]) and ("when" not in rule or active([rule["when"]])):
            command = rule["run"] if "as" not in rule else ["runuser", "-u", rule["as"], "--", *rule["run"]]
            refused += _ask(command, rule["run"][0], _environment())
    restarted = active(_units(rules, "restart"))
    reloaded = [unit for unit in active(_units(rules, "reload")) if unit not in restarted]
    for verb, units in (("restart", restarted), ("reload", reloaded)):
        if units:
            refused += _ask(["systemctl", verb, "--no-block", *units], " ".join(units))
    return {"written": written, "restarted": restarted, "reloaded": reloaded, "refused": refused}


def active(units: list[str]) -> list[str]:
    """Those of `units` that run, or are about to."""
    states = {}
    for unit in units:
        states[unit] = run(["systemctl", "show", "--property=ActiveState", "--value", unit]).out.strip()
    return [unit for unit in units if states[unit] in ("active", "activating", "reloading")]


def _units(rules: list[dict], verb: str) -> list[str]:
    return sorted({unit for rule in rules for unit in rule.get(verb, ())})


def _concerned(rule: dict, paths: list[str]) -> list[str]:
    return [path for path in paths if any(fnmatch.fnmatchcase(path, pattern) for pattern in rule["paths"])]


def _check(rule: dict) -> str:
    """What the check says against the files; empty when it has nothing against them."""
    if "check" not in rule or ("when" in rule and not active([rule["when"]])):
        return ""
    ran = run(rule["check"])
    return "" if ran.code == 0 else f"{rule['check'][0]} refuses it, and the file before it is back: {ran.last_lines()}"


def _put_back(path: str, old: Content | None) -> None:
    if old is None:
        safe_files.remove(path)
    else:
        safe_files.put(path, old)


def _environment() -> dict[str, str]:
    content = safe_files.read(ENVIRONMENT)
    lines = content.data.decode("utf-8", "replace").splitlines() if content else []
    return dict(line.split("=", 1) for line in lines if re.match(r"\w+=", line))


def _ask(command: list[str], unit: str, env: Mapping[str, str] | None = None) -> list[dict[str, str]]:
    ran = run(command, env=env)
    return [] if ran.code == 0 else [{"unit": unit, "message": ran.last_lines()}]
