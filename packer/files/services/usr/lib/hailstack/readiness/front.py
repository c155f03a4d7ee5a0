"""What people come in by: the web front, JupyterLab behind it, monitoring."""

from __future__ import annotations

import re
import ssl

from .ask import Unanswered, get_json, request
from .site import Site, run
from .verdict import Verdict, passed, skipped, waiting

LOOK = "sudo tail -n 50 /var/log/nginx/error.log"


def netdata(site: Site) -> Verdict:
    if not site.cluster["monitoring"]:
        return skipped("this cluster has none")
    # A node that once sent some stays among the hosts.
    hosts = get_json(site.url("netdata", "/api/v1/info"))["mirrored_hosts_status"]
    sending = {host["hostname"] for host in hosts if host["reachable"]}
    lacks = {name: "sends no metrics" for name in [site.master, *site.workers()] if name not in sending}
    count = f"{len(site.workers()) + 1 - len(lacks)} of {len(site.workers()) + 1} nodes"
    return waiting(count, nodes=lacks, look="journalctl -u netdata -n 50") if lacks else passed(count)


def web(site: Site) -> Verdict:
    """Closed without the password, and something behind it. With it, only its owner can look."""
    for detail in (_redirect(site), _closed(site), _certificate(site)):
        if detail:
            return waiting(detail, nodes={site.master: detail}, look=LOOK, unit="nginx")
    try:
        version = get_json(site.url("jupyter", "/jupyter/api"))["version"]
    except Unanswered as error:
        detail = f"JupyterLab: {error}"
        return waiting(detail, nodes={site.master: detail}, look="journalctl -u jupyter-lab -n 50", unit="jupyter-lab")
    return passed(f"401 without the password; jupyter_server {version}")


def _redirect(site: Site) -> str:
    status, headers, _ = request(site.url("http", "/"), redirect=False)
    if status in (301, 308) and headers.get("location", "").startswith("https://"):
        return ""
    return f"port 80 answers {status} instead of leading to https"


def _closed(site: Site) -> str:
    for path in ("/", "/jupyter/", "/spark/"):
        status, _, _ = request(site.url("https", path), redirect=False)
        if status != 401:
            return f"{path} answers {status} without the password, not 401"
    return ""


def _certificate(site: Site) -> str:
    """An operator's own may be for any name or address that leads here; ours is for the one we know."""
    address = site.read("/etc/hailstack/public-address").strip()
    if not address:
        return "the public address is not known yet"
    try:
        pem = ssl.get_server_certificate(("127.0.0.1", site.ports["https"]))
    except OSError as error:
        raise Unanswered(f"the certificate cannot be had: {error}") from error
    code, said = run(["openssl", "x509", "-noout", "-checkend", "0", "-ext", "subjectAltName"], stdin=pem, seconds=30)
    if code in (124, 127):
        return f"the certificate cannot be read: {said}"
    if code != 0:
        return "the certificate has expired"
    addresses = re.findall(r"IP Address:([0-9A-Fa-f.:]+)", said)
    if address in addresses or site.settings("/etc/hailstack/web.env").get("OWN_CERTIFICATE") == "true":
        return ""
    return f"the certificate is for {', '.join(addresses) or 'no address'}, not for {address}"
