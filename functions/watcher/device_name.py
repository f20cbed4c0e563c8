"""The region that the device name leads to, as DNS answers now."""

import socket
from collections.abc import Callable, Mapping

from functions.probe.deadline import Deadline

Lookup = Callable[[str], tuple[str, list[str], list[str]]]


def _lookup(name: str) -> tuple[str, list[str], list[str]]:
    return socket.gethostbyname_ex(name)


class LedAwayError(Exception):
    """The device name leads to another region than the primary."""


class DeviceNameProbe:
    """A probe that fails (LedAwayError) if DNS leads devices to another region than the primary.

    `name` is the device name, and `regions` maps the regional names to their regions.

    The failover records are CNAMEs, so the answer contains the regional name of the region that
    Route 53 has chosen.
    """

    def __init__(
        self,
        name: str,
        *,
        primary: str,
        regions: Mapping[str, str],
        lookup: Lookup = _lookup,
    ) -> None:
        self._name = name
        self._primary = primary
        self._regions = regions
        self._lookup = lookup
        self.has_led_to_primary = False
        """Whether this probe has seen the name lead to the primary.

        After a change of primary the records and resolvers' caches follow later than the function.
        """

    def __call__(self, _deadline: Deadline) -> None:
        """Resolve the name once; raises LedAwayError if it leads to another region.

        A failed lookup, or an answer without a regional name, reveals nothing and is ignored.
        """
        try:
            name, aliases, _ = self._lookup(self._name)
        except OSError:
            return
        names = [name, *aliases]
        region = next((self._regions[each] for each in names if each in self._regions), None)
        if region == self._primary:
            self.has_led_to_primary = True
        elif region is not None:
            raise LedAwayError
