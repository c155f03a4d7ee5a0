#!/usr/bin/python3 -B
"""Runs a command and prints the last of what it says, on both streams as one, without this node's secrets.

usage: masked BYTES COMMAND [ARGUMENT...]

Comes over SSH on stdin, so that it is as new as the one who asks. Ends as the command did; 127 when there is none.
"""

import os
import subprocess
import sys

sys.path.insert(0, "/usr/libexec/hailstack")

from hailstack_node import masking  # noqa: E402

_CHUNK = 1024 * 1024


def last_of(command: list[str], limit: int) -> tuple[int, bytes]:
    """How it ended, and whole lines of at most `limit` bytes: half a line might hold half a secret."""
    shown = {**os.environ, "LC_ALL": "C.UTF-8", "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": "cat"}
    try:
        process = subprocess.Popen(
            command, env=shown, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
    except OSError as error:
        return 127, f"{command[0]}: {error.strerror}\n".encode()
    kept, cut = b"", False
    assert process.stdout is not None
    while chunk := process.stdout.read(_CHUNK):
        kept += chunk
        if len(kept) > limit:
            kept, cut = kept[-limit:], True
    return process.wait(), kept.partition(b"\n")[2] if cut else kept


def main() -> int:
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    code, said = last_of(sys.argv[2:], int(sys.argv[1]))
    text = masking.mask(said.decode("utf-8", "replace"), masking.secrets())
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    sys.stdout.flush()
    return code if code >= 0 else 128 - code


sys.exit(main())
