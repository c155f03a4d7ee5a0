"""Stands before the engine: notes each signal it gets, and hands it on."""
import os
import signal
import subprocess
import sys

folder = os.path.dirname(os.path.abspath(__file__))
child = None
early = []


def note(number, _frame):
    # `version` is asked in the command line's own process group, where a terminal's signals come too.
    if "version" not in sys.argv[1:2]:
        with open(os.path.join(folder, "signals"), "a") as log:
            log.write(f"{os.getpid()}\n")
    if child is None:
        early.append(number)
    else:
        child.send_signal(number)


for wanted in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(wanted, note)
child = subprocess.Popen([os.path.join(folder, "pulumi.real"), *sys.argv[1:]])
for number in early:
    child.send_signal(number)
code = child.wait()
sys.exit(code if code >= 0 else 128 - code)
