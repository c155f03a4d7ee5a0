"""What a boot says of itself: lines on the console, /var/lib/hailstack/boot.json, and a log."""

import json
import os
import time
from collections.abc import Callable

from hailstack_node import masking, safe_files
from hailstack_node.system import STATE, Fault

PATH = f"{STATE}/boot.json"
LOG = "/var/log/hailstack/boot.log"


class Record:
    """Stages in the order in which they began; what is on disk is never older than what was said."""

    def __init__(self) -> None:
        self._stages: list[dict] = []
        os.makedirs(os.path.dirname(LOG), exist_ok=True)

    @property
    def state(self) -> str:
        states = {stage["state"] for stage in self._stages}
        return "failed" if "failed" in states else "running" if "running" in states else "done"

    def stage(self, name: str, work: Callable[[], str]) -> bool:
        """Runs `work`, which answers with a message or raises. Whether it went well."""
        told = {"stage": name, "state": "running", "seconds": 0.0, "message": ""}
        self._stages.append(told)
        self._save("running")
        began = time.monotonic()
        try:
            message, state = work(), "done"
        except Fault as fault:
            message, state = str(fault), "failed"
        except Exception as error:
            message, state = f"{type(error).__name__}: {error}", "failed"
        message = masking.mask(message, masking.secrets())
        told.update(state=state, seconds=round(time.monotonic() - began, 1), message=message)
        self._announce(f"{name}: {state} in {told['seconds']} s", message)
        self._save("running")
        return state == "done"

    def end(self) -> str:
        """Writes down how it all ended. @returns `done` or `failed`"""
        self._save(self.state)
        self._announce(self.state, "")
        return self.state

    def _announce(self, line: str, message: str) -> None:
        # The console gets one line each; what was said in full is in the log and in boot.json.
        shown = message.strip().splitlines()[-1:] if "failed" in line else []
        print("hailstack boot: " + ": ".join([line, *shown]), flush=True)
        safe_log(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} {line}\n{_indented(message)}")

    def _save(self, state: str) -> None:
        text = json.dumps({"stages": self._stages, "state": state}, indent=1, ensure_ascii=False)
        safe_files.put_text(PATH, text + "\n")


def safe_log(text: str) -> None:
    """Adds `text` to the log, which is root's to write and adm's to read."""
    handle = os.open(LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "a", encoding="utf-8") as file:
        os.fchown(handle, *safe_files.numbers_of("root:adm"))
        os.fchmod(handle, 0o640)
        file.write(text)


def _indented(message: str) -> str:
    return "".join(f"  {line}\n" for line in message.strip().splitlines())
