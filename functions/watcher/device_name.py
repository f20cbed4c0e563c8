"""The region that the device name leads to, as DNS answers now."""

import socket
from collections.abc import Callable, Collection, Mapping

from functions.probe.deadline import Deadline

Lookup = Callable[[str], tuple[str, list[str], list[str]]]


def _lookup(name: str) -> tuple[str, list[str], list[str]]:
    return socket.gethostbyname_ex(name)


class LedAwayError(Exception):
    """The device name leads to a region after the watched one."""


class DeviceNameProbe:
    """A probe that fails (LedAwayError) if DNS answers a region after the watched one.

    `name` is the device name, `regions` maps the regional names to their regions, and `earlier` are
    the regions before the watched one in the order of failover: none if it is the primary.

    The failover records are CNAMEs, so the answer contains the regional name of the region that
    Route 53 has chosen.
    """

    def __init__(
        self,
        name: str,
        *,
        watched: str,
        earlier: Collection[str],
        regions: Mapping[str, str],
        lookup: Lookup = _lookup,
    ) -> None:
        self._name = name
        self._watched = watched
        self._earlier = earlier
        self._regions = regions
        self._lookup = lookup
        self.leads_to = ""
        """The region that the last answer led to, empty if it is unknown."""
        self.has_led_here = False
        """Whether this probe has seen the name lead to the watched region or an earlier one.

        After a change of primary the records and resolvers' caches follow later than the function.
        """

    def __call__(self, _deadline: Deadline) -> None:
        """Resolve the name once; raises LedAwayError for a region after the watched one.

        A failed lookup, or an answer without a regional name, reveals nothing and is ignored.
        """
        self.leads_to = ""
        try:
            name, aliases, _ = self._lookup(self._name)
        except OSError:
            return
        names = [name, *aliases]
        region = next((self._regions[each] for each in names if each in self._regions), "")
        self.leads_to = region
        if region in {self._watched, *self._earlier}:
            self.has_led_here = True
        elif region:
            raise LedAwayError
