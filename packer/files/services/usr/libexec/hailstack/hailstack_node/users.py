"""Stage `users`: the login user is there, and reads what group hadoop may read."""

import grp
import pwd

from hailstack_node.facts import Facts
from hailstack_node.system import Fault, must

GROUP = "hadoop"


def settle(facts: Facts) -> str:
    """Says the user's number: volumes and shares need the same on every node. @raises Fault"""
    try:
        user = pwd.getpwnam(facts.user)
    except KeyError:
        raise Fault(f"there is no user {facts.user}: cloud-init has not made it") from None
    try:
        members = grp.getgrnam(GROUP).gr_mem
    except KeyError:
        raise Fault(f"there is no group {GROUP}: this is no image of hailstack's") from None
    if facts.user not in members:
        must(["usermod", "--append", "--groups", GROUP, facts.user], f"{facts.user} cannot join {GROUP}")
    return f"{facts.user} has the number {user.pw_uid} and is in {GROUP}"
