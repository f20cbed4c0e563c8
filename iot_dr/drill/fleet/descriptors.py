"""How many files and sockets a process may hold open."""

import resource
from typing import Final

from iot_dr.common.user_error import UserError

_ENOUGH: Final = 1 << 20
# Beside one for each device: what a broker or a process of devices holds for itself.
_OWN: Final = 100


class TooFewDescriptorsError(UserError):
    """This machine's limit of open files is lower than the devices need."""


def raise_limit() -> int:
    """Let this process, and those that it starts later, hold open as many as it may ever; give it.

    Without being root one may go up to the hard limit, and no further.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = _ENOUGH if hard == resource.RLIM_INFINITY else min(hard, _ENOUGH)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    return limit


def most_links(limit: int) -> int:
    """Give how many links a process may hold within a limit."""
    return max(0, limit - _OWN)


def refuse_too_many(links: int) -> None:
    """Raise TooFewDescriptorsError where a process may not hold so many links."""
    limit = raise_limit()
    if links > most_links(limit):
        needed = links + _OWN
        message = (
            f"{links} devices need {needed} open files in one process, and {limit} are allowed: "
            f"raise that with `ulimit -n {needed}`, or take at most {most_links(limit)} devices"
        )
        raise TooFewDescriptorsError(message)
