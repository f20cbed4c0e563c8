"""Dependencies of an acceptance run, which tests replace."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dns.rdatatype import RdataType

from environments.settings import Settings
from iot_dr.acceptance.command import Command
from iot_dr.acceptance.device import AcceptanceDevice
from iot_dr.acceptance.joining import Join
from iot_dr.acceptance.message import Publish
from iot_dr.common.user_error import UserError
from iot_dr.common.waiting import PollLimits, wait_until
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.status.addresses import addresses
from iot_dr.observe.status.dns_query import query_dns, records
from iot_dr.observe.status.network import Network


def _answered(server: str, name: str) -> str:
    """Return the CNAME that a name server answers for a name, "" for none.

    Raises DNSException or OSError if the server does not answer.
    """
    network = Network.current()
    seconds = network.limits.dns
    address = addresses(server, network, seconds)[0]
    message = query_dns(address, network.authority_port, name, RdataType.CNAME, seconds)
    answers = records(message, RdataType.CNAME, name)
    return answers[0].data if answers else ""


_INTERVAL: Final = 15.0


class VerificationError(UserError):
    """The condition that a step verifies is not met."""


@dataclass(frozen=True)
class WallClock:
    """Clock in seconds since 1970, so that times survive a restart of the command."""

    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, kw_only=True)
class RunTools:
    """The settings, commands, AWS clients, clock and MQTT client of a run.

    `folder` contains the journal, test certificate and transcripts. `show` prints a line of
    progress; `backend` says in the transcript where the run took place. `answer` is as `answered`.
    """

    settings: Settings
    command: Command
    clients: Clients
    clock: WallClock
    publish: Publish
    join: Join
    device: AcceptanceDevice
    folder: Path
    show: Callable[[str], None]
    backend: str
    answer: Callable[[str, str], str] = _answered

    def wait(self, missing: Callable[[], str], minutes: float) -> float:
        """Poll every 15 s until `missing` returns ""; return the seconds that it took.

        Raises WaitTimeoutError with the last result.
        """
        last: list[str] = []

        def show(seconds: float, problem: str) -> None:
            if [problem] != last:
                last[:] = [problem]
                self.show(f"    {seconds:.0f} s: {problem}")

        patience = PollLimits(
            limit=minutes * 60, interval=_INTERVAL, clock=self.clock.now, pause=self.clock.sleep
        )
        return wait_until(missing, patience, show)
