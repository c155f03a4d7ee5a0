"""A document that others read while it is written."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path


def put_json(place: Path, content: dict) -> None:
    """Everybody may read it; the old text or the new one is there at every instant."""
    place.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    handle, fresh = tempfile.mkstemp(dir=place.parent, prefix=f".{place.stem}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file)
            file.write("\n")
        os.chmod(fresh, 0o644)
        os.replace(fresh, place)
    except BaseException:
        os.unlink(fresh)
        raise
