"""The data volume, its share, and Lustre, as the master sees them; the workers' side is the Hail job's."""

from __future__ import annotations

from .site import Site, run
from .units import judge
from .verdict import Verdict, passed, skipped, waiting

MAPPER = "/dev/mapper/hailstack-data"


def mounts(site: Site) -> dict[str, tuple[str, str]]:
    """Type and source by mount point; of two on one point, the one on top."""
    found = {}
    for line in site.read("/proc/self/mountinfo").splitlines():
        place, _, kind = line.partition(" - ")
        if kind:
            found[place.split(" ")[4].replace("\\040", " ")] = (kind.split(" ")[0], kind.split(" ")[1])
    return found


def volume(site: Site) -> Verdict:
    wanted = site.cluster["volume"]
    if wanted is None:
        return skipped("this cluster has none")
    units = judge(site, ["hailstack-volume", "nfs-server"])
    if units.state != "passed":
        return units
    mount = wanted["mount"]
    _, source = mounts(site).get(mount, ("", ""))
    if source != MAPPER:
        detail = f"{mount} is not the volume, but {source or 'not mounted'}"
        return waiting(detail, nodes={site.master: detail}, look="journalctl -u hailstack-volume", unit="hailstack-volume")
    clients = [line.split("\t")[1] for line in site.read("/var/lib/nfs/etab").splitlines() if line.startswith(f"{mount}\t")]
    if not clients or any(client.startswith("*") for client in clients):
        detail = f"{mount} is shared with {'everybody' if clients else 'nobody'}"
        return waiting(detail, nodes={site.master: detail}, look="sudo exportfs -v")
    return passed(f"mounted, shared with {len(clients)} addresses")


def lustre(site: Site) -> Verdict:
    if site.cluster["lustre"] is None:
        return skipped("this cluster has none")
    # The automount waits for its server as long as it likes; this program does not.
    run(["stat", "--format=%F", str(site.path("/lustre"))], 5)
    if mounts(site).get("/lustre", ("", ""))[0] != "lustre":
        detail = f"/lustre is not mounted from {site.cluster['lustre']['target']}"
        return waiting(detail, nodes={site.master: detail}, look="journalctl -u lustre.mount -n 50")
    return passed("mounted")
