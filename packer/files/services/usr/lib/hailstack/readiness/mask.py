"""Takes the cluster's secrets out of what other programs said."""

from __future__ import annotations

import re

from .site import Site, run

LAST = 20
LONGEST = 500
# Whatever follows such a word may be one, also one that is not ours.
TELLING = re.compile(r"pass(word|wd|phrase)|secret|token|credential|(api|access|private)[ ._-]?key", re.IGNORECASE)
WITHHELD = "(a line that speaks of a secret is left out)"


def secrets_of(site: Site) -> list[str]:
    """Their values, the longest first."""
    found = [site.read("/etc/hailstack/volume.key").rstrip("\n")]
    for key, value in site.settings("/etc/spark/conf/spark-defaults.conf").items():
        if TELLING.search(key):
            found.append(value)
    names_and_values = re.findall(
        r"<name>([^<]*)</name>\s*<value>([^<]*)</value>", site.read("/etc/hadoop/conf/s3a.xml")
    )
    found += [value for name, value in names_and_values if TELLING.search(name)]
    found += re.findall(r"^\s*api key\s*=\s*(\S+)", site.read("/etc/netdata/stream.conf"), re.MULTILINE)
    return sorted({value for value in found if len(value) >= 4}, key=len, reverse=True)


def masked(site: Site, lines: list[str] | tuple[str, ...]) -> list[str]:
    """The last 20 of the lines, none longer than 500 characters, without secrets."""
    secrets = secrets_of(site)
    safe = []
    for line in lines[-LAST:]:
        for secret in secrets:
            line = line.replace(secret, "***")
        safe.append(WITHHELD if TELLING.search(line) else line[:LONGEST])
    return safe


def last_words(site: Site, unit: str) -> list[str]:
    """How the unit's journal ends."""
    code, said = run(["journalctl", "--unit", unit, "--lines", str(LAST), "--output", "cat", "--no-pager", "--quiet"])
    return masked(site, said.splitlines()) if code == 0 else []
