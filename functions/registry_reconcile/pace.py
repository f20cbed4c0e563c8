"""A limit on how many entities a comparison reads in a second."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from functions.registry.entity import Kind

_PACED = (Kind.THING, Kind.CERTIFICATE)


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Waits so that at most `rate` things and as many certificates are read in a second.

    By default an account has ten ListThingPrincipals and ten DescribeCertificate calls a second in
    a region, which capture and apply need too; other calls have higher quotas. Kinds wait for
    themselves alone, as each has a quota of its own. There is no limit with a rate of 0.
    """

    rate: int
    clock: Callable[[], float] = field(default=time.monotonic)
    sleep: Callable[[float], None] = field(default=time.sleep)
    _due: dict[Kind, float] = field(default_factory=dict[Kind, float])
    _lock: Lock = field(default_factory=Lock)

    def __call__(self, kind: Kind) -> None:
        """Wait until an entity of a kind may be read."""
        if not self.rate or kind not in _PACED:
            return
        with self._lock:
            now = self.clock()
            due = max(now, self._due.get(kind, now))
            self._due[kind] = due + 1 / self.rate
        if due > now:
            self.sleep(due - now)
