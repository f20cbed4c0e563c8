"""Starts regions' reconcilers, and watches until nothing is outstanding."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.clients import Clients
from iot_dr.operate.registry.names import RegistryNames
from iot_dr.operate.registry.status import RegistryStatus

QUIET_SECONDS: Final = 60.0
"""Seconds without messages that count as the end: Lambda does not report that of a run."""

_FIRST_PAUSE: Final = 5.0
_LONGEST_PAUSE: Final = 60.0


@dataclass(frozen=True, kw_only=True)
class SyncClock:
    """The clock in seconds, and the sleep; tests replace both."""

    clock: Callable[[], float] = field(default=time.monotonic)
    sleep: Callable[[float], None] = field(default=time.sleep)


@dataclass(frozen=True, kw_only=True)
class SyncProgress:
    """One check of regions that are being reconciled: queued messages, and outstanding changes.

    `outstanding` and `status` are None if the table was not read, which costs a read of every row.
    """

    seconds: float
    messages: int
    outstanding: int | None = None
    status: RegistryStatus | None = None

    @property
    def is_settled(self) -> bool:
        """Whether nothing has been queued for long enough, and nothing is outstanding."""
        return self.outstanding == 0 and not self.messages


@dataclass(frozen=True, kw_only=True)
class Sync:
    """Starts the reconciler of some regions, and watches queues and table until they are done."""

    settings: Settings
    regions: Sequence[str]
    clients: Clients
    read: Callable[[], RegistryStatus]
    queues: Callable[[], Mapping[tuple[str, str], int | UserError]]
    waits: SyncClock = field(default_factory=SyncClock)

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

    def watch(self, seconds: float) -> Iterator[SyncProgress]:
        """Yield checks until nothing is outstanding, or `seconds` are over; the last has a status.

        The table is read when no message has been queued for a minute, and then at most once a
        minute. Raises what reading raises.
        """
        begun = quiet_since = self.waits.clock()
        pause = _FIRST_PAUSE
        while True:
            messages = self._messages(self.queues())
            now = self.waits.clock()
            if messages:
                quiet_since = now
            is_over = now - begun >= seconds
            look = SyncProgress(seconds=now - begun, messages=messages)
            if is_over or now - quiet_since >= QUIET_SECONDS:
                look, quiet_since = self._look(look), now
            yield look
            if look.is_settled or is_over:
                return
            self.waits.sleep(min(pause, seconds - (now - begun)))
            pause = min(pause * 1.5, _LONGEST_PAUSE)

    def _look(self, look: SyncProgress) -> SyncProgress:
        status = self.read()
        outstanding = sum(status.rows.regions[each].outstanding for each in self.regions)
        return replace(look, outstanding=outstanding, status=status)

    def _messages(self, depths: Mapping[tuple[str, str], int | UserError]) -> int:
        """Return the number of messages in queues of known depth, without dead-letter queues."""
        return sum(
            depth
            for (region, queue), depth in depths.items()
            if region in self.regions and not queue.endswith("parked") and isinstance(depth, int)
        )
