"""Stage `names`: every node is known by one name, and this one by an address that others reach."""

import socket

from hailstack_node.facts import Facts
from hailstack_node.system import Fault

HOSTS = "/etc/hosts"


def check(facts: Facts) -> str:
    """@raises Fault with every trouble of /etc/hosts, or when this node's name leads elsewhere"""
    with open(HOSTS, encoding="utf-8") as file:
        places, troubles = parse(file.read())
    if troubles:
        raise Fault(f"{HOSTS}: " + "; ".join(troubles))
    for name in (facts.hostname, facts.master):
        if name not in places:
            raise Fault(f"{HOSTS} does not know {name}")
    address = places[facts.hostname]
    if not _is_ours(address):
        raise Fault(f"{HOSTS} says that {facts.hostname} is {address}, which no interface of this node has")
    # Java asks for the system's own name, whatever we call the node.
    for name in dict.fromkeys((facts.hostname, socket.gethostname())):
        found = _resolve(name)
        if found != [address]:
            raise Fault(f"{name} resolves to {', '.join(found) or 'nothing'}, not to {address}")
    return f"{facts.hostname} is {address}; {len(set(places.values()))} nodes are known"


def parse(text: str) -> tuple[dict[str, str], list[str]]:
    """Address by name of the IPv4 lines but localhost's, and what is wrong with them."""
    places: dict[str, str] = {}
    seen: set[str] = set()
    troubles: list[str] = []
    for line in text.splitlines():
        address, *names = line.split("#")[0].split() or [""]
        if ":" in address or address in ("", "127.0.0.1"):
            continue
        if address.startswith("127."):
            troubles.append(f"{' '.join(names)} has the loopback address {address}")
        if address in seen:
            troubles.append(f"{address} is there twice")
        seen.add(address)
        for name in dict.fromkeys(names):
            if name in places:
                troubles.append(f"{name} is there twice")
            places[name] = address
    return places, troubles


def _is_ours(address: str) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
            return True
        except OSError:
            return False


def _resolve(name: str) -> list[str]:
    try:
        told = socket.getaddrinfo(name, None, socket.AF_INET, socket.SOCK_STREAM)
        return sorted({str(each[4][0]) for each in told})
    except OSError:
        return []
