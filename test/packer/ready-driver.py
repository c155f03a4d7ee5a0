"""Runs the readiness program over a site of the test: stdin says where its files, ports and names are, stdout tells."""

import json
import os
import sys

sys.dont_write_bytecode = True
order = json.load(sys.stdin)
sys.path.insert(0, order["library"])

from pathlib import Path  # noqa: E402

from readiness.document import Document  # noqa: E402
from readiness.mask import masked  # noqa: E402
from readiness import patience  # noqa: E402
from readiness.rounds import deadlines, follow, job_seconds, one_round  # noqa: E402
from readiness.site import Site  # noqa: E402
from readiness.stages import Round  # noqa: E402


def resolve(name):
    address = order["hosts"].get(name)
    if address is None:
        raise OSError(f"{name} is nobody's name")
    return address


site = Site(Path(order["root"]), order["ports"], resolve)
os.environ["READY_DEADLINES"] = order.get("deadlines", "")
if order["what"] == "rounds":
    document = Document(site, Round(deadlines()))
    for _ in range(order["count"]):
        one_round(document)
    print(json.dumps(document.content()))
elif order["what"] == "patience":
    told = []
    for seconds, stretch in order["given"]:
        patience.put(site, seconds, stretch)
        known = patience.reader(site)()
        told.append([known.stretch, round(min(known.left, 10**6)), round(job_seconds({}, known))])
    print(json.dumps(told))
elif order["what"] == "follow":
    if "patience" in order:
        patience.put(site, *order["patience"])
    follow(site, pause=0)
    print(site.read("/run/hailstack/ready.json"))
else:
    print(json.dumps(masked(site, order["lines"])))
