"""Takes this node's secrets out of what is shown."""

import re

from hailstack_node.safe_files import read
from hailstack_node.system import Fault

# Each file that holds secrets, and what in it is one.
_PLACES = (
    ("/etc/spark/conf/spark-defaults.conf", r"^\s*\S*(?:secret|password|access\.key)\S*[\s=:]+(\S+)"),
    ("/etc/hadoop/conf/s3a.xml", r"<name>[^<]*(?:key|secret|token|password)[^<]*</name>\s*<value>([^<]+)</value>"),
    ("/etc/netdata/stream.conf", r"^\s*(?:api key\s*=\s*|\[)([0-9A-Fa-f-]{16,})"),
    ("/etc/hailstack/volume.key", r"(?s)(.+)"),
)
# Words that introduce one, whoever wrote the line.
_NAMED = re.compile(r"((?:password|passwd|secret|token|api[_ ]key|passphrase)\w*[\"']?\s*[=:]\s*[\"']?)[^\s\"',;]+", re.I)
# In addresses.
_URL = re.compile(r"(://)[^/@\s]+@")


def secrets() -> list[str]:
    """Values that must not be shown, the longest first."""
    found: set[str] = set()
    for path, pattern in _PLACES:
        try:
            content = read(path)
        except Fault:
            continue
        if content is not None:
            text = content.data.decode("utf-8", "replace")
            found.update(value.strip() for value in re.findall(pattern, text, re.M))
    return sorted((value for value in found if len(value) >= 4), key=len, reverse=True)


def mask(text: str, values: list[str]) -> str:
    """`text` without `values`, without what is called a password, and without what no terminal should get."""
    for value in values:
        text = text.replace(value, "***")
    text = _URL.sub(r"\1***@", _NAMED.sub(r"\1***", text))
    return "".join(letter if letter.isprintable() or letter in "\n\t" else "�" for letter in text)
