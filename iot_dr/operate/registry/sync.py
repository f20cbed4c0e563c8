"""Starts regions' reconcilers, and watches until nothing is outstanding."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.clients import Clients
from iot_dr.operate.registry.names import RegistryNames
from iot_dr.operate.registry.status import RegistryStatus

QUIET_SECONDS: Final = 60.0
"""Seconds without outstanding changes that count as the end: Lambda does not report a run's."""

_FIRST_PAUSE: Final = 5.0
_LONGEST_PAUSE: Final = 60.0


@dataclass(frozen=True, kw_only=True)
class Waits:
    """The clock in seconds, and the sleep; tests replace both."""

    clock: Callable[[], float] = field(default=time.monotonic)
    sleep: Callable[[float], None] = field(default=time.sleep)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """One check of regions that are being reconciled: outstanding changes, and queued messages.

    `quiet` is the number of seconds without either.
    """

    seconds: float
    quiet: float
    outstanding: int
    messages: int
    status: RegistryStatus

    @property
    def is_settled(self) -> bool:
        """Whether nothing has been outstanding for long enough."""
        return not (self.outstanding or self.messages) and self.quiet >= QUIET_SECONDS


@dataclass(frozen=True, kw_only=True)
class Sync:
    """Starts the reconciler of some regions, and watches the table until they are done."""

    settings: Settings
    regions: Sequence[str]
    clients: Clients
    read: Callable[[], RegistryStatus]
    waits: Waits = field(default_factory=Waits)

    def start(self) -> dict[str, UserError]:
        """Start a run in each region; return the regions where that failed, with the error.

        Lambda only queues an `Event` invocation, and returns nothing of its run:
        docs.aws.amazon.com/lambda/latest/dg/invocation-async.html
        """
        function = RegistryNames.of(self.settings).reconcile
        failed: dict[str, UserError] = {}
        for region in self.regions:
            try:
                self.clients.call(
                    "lambda",
                    region,
                    "invoke",
                    FunctionName=function,
                    InvocationType="Event",
                    Payload=b"{}",
                )
            except UserError as error:
                failed[region] = error
        return failed

    def watch(self, seconds: float) -> Iterator[Progress]:
        """Yield checks until nothing was outstanding for a minute, or `seconds` are over.

        Raises what reading the status raises.
        """
        begun = quiet_since = self.waits.clock()
        pause = _FIRST_PAUSE
        while True:
            status = self.read()
            now = self.waits.clock()
            outstanding = sum(status.rows.regions[each].outstanding for each in self.regions)
            messages = self._messages(status)
            if outstanding or messages:
                quiet_since = now
            look = Progress(
                seconds=now - begun,
                quiet=now - quiet_since,
                outstanding=outstanding,
                messages=messages,
                status=status,
            )
            yield look
            if look.is_settled or now - begun >= seconds:
                return
            self.waits.sleep(min(pause, seconds - (now - begun)))
            pause = min(pause * 1.5, _LONGEST_PAUSE)

    def _messages(self, status: RegistryStatus) -> int:
        """Return the number of messages in queues of known depth; parked ones do not move."""
        return sum(
            depth
            for (region, queue), depth in status.queues.items()
            if region in self.regions and not queue.endswith("parked") and isinstance(depth, int)
        )
