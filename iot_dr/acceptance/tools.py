"""The tools of an acceptance run; a rehearsal uses others."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from environments.settings import Settings
from iot_dr.acceptance.command import Command
from iot_dr.acceptance.device import Device
from iot_dr.acceptance.message import Publish
from iot_dr.common.user_error import UserError
from iot_dr.common.waiting import PollLimits, wait_until
from iot_dr.observe.aws.clients import Clients

_INTERVAL: Final = 15.0


class VerificationError(UserError):
    """What a step verifies is not true."""


@dataclass(frozen=True)
class Clock:
    """The time in seconds since 1970, which survives a restart of the command, and a sleep."""

    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, kw_only=True)
class RunTools:
    """The settings, commands, AWS clients, clock and MQTT client of a run.

    `folder` has the journal, test certificate and transcripts. `show` prints a line of progress,
    and `where` says in the transcript what the run used.
    """

    settings: Settings
    command: Command
    clients: Clients
    clock: Clock
    publish: Publish
    device: Device
    folder: Path
    show: Callable[[str], None]
    where: str

    def wait(self, missing: Callable[[], str], minutes: float) -> float:
        """Poll every 15 s until nothing is missing; return the seconds that it took.

        Raises WaitTimeoutError with what is still missing.
        """
        last: list[str] = []

        def show(seconds: float, what: str) -> None:
            if [what] != last:
                last[:] = [what]
                self.show(f"    {seconds:.0f} s: {what}")

        patience = PollLimits(
            limit=minutes * 60, interval=_INTERVAL, clock=self.clock.now, pause=self.clock.sleep
        )
        return wait_until(missing, patience, show)
