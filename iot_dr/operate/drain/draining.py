"""Drains a region that is switched away: what is known before, and the drain itself."""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import islice
from threading import Event, Thread
from typing import Any, Final, cast

from environments.project import project_root
from environments.settings import Settings
from iot_dr.common.user_error import UsageError, UserError
from iot_dr.common.waiting import OnWait, PollLimits, ProgressReport, wait_until
from iot_dr.forecast.drained_switch import POLL_SECONDS
from iot_dr.forecast.quotas import QUOTAS
from iot_dr.observe.aws.clients import CallLimits, Clients
from iot_dr.observe.aws.errors import NoAnswerError
from iot_dr.observe.aws.gathering import CallTimeoutError, gather
from iot_dr.observe.status.network import Network
from iot_dr.observe.status.quota import QuotaReader
from iot_dr.observe.switch.audit import AuditRecord
from iot_dr.observe.switch.outlook import Outlook
from iot_dr.observe.switch.probe import probe
from iot_dr.observe.switch.switching import Switching
from iot_dr.operate.drain.client_ids import ClientIds, DrainError, client_ids
from iot_dr.operate.drain.closing import LIMITS, Closing, close_connection
from iot_dr.operate.drain.drain_ledger import DrainLedger, drain_ledger
from iot_dr.operate.drain.moved_answer import MovedAnswer
from iot_dr.operate.drain.other_regions import (
    OtherRegions,
    complete_situation,
    served_elsewhere,
)
from iot_dr.operate.registry.sites import LIMITS as PATIENT
from iot_dr.operate.registry.sites import data_endpoint

POLLS: Final = PollLimits(limit=30 * 60.0, interval=POLL_SECONDS)
"""How long and how often the answer is waited for."""

# A lost region costs the attempts of one call.
_CALLS: Final = CallLimits(connect=1.0, read=3.0, attempts=2)
_VIEW_SECONDS: Final = 10.0
_WITHOUT: Final = "leave out --drain to close no connections"
_PAGE: Final = 500
"""Client ids that are added in one transaction."""


def use_of(kept: AuditRecord | UserError) -> str | None:
    """Return the id of the newest use of a switch, None if it is unknown."""
    entry = kept.entry if isinstance(kept, AuditRecord) else None
    return str(entry.number) if entry and entry.number else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DrainSituation:
    """What is known before a drain.

    The device name will resolve to `standby`, which accepts `most` connects a second, by `source`.
    `ids` is an error if AWS IoT's API in the drained region does not answer.
    """

    standby: str
    most: float
    source: str
    ids: ClientIds | UserError


@dataclass(frozen=True, kw_only=True)
class Draining:
    """A drain of one region at `rate` connections a second.

    `prober` probes a region's health if Route 53 does not answer; readiness is checked again
    `every` seconds.
    """

    settings: Settings
    region: str
    rate: float
    network: Network = field(default_factory=Network.current)
    prober: Callable[[str], None] = probe
    polls: PollLimits = POLLS
    every: float = 10.0

    def ledger(self, use: str | None) -> AbstractContextManager[DrainLedger]:
        """Open the ledger of the region's drain: see `drain_ledger`."""
        name = f"{self.settings.environment}-{self.region}"
        return drain_ledger(project_root() / ".deploy" / "drain" / name, use)

    def look(self, outlook: Outlook) -> DrainSituation:
        """Return what is known before the switch, read concurrently.

        Raises DrainError if the standby is unknown or not ready, or the client ids are unknown, and
        UsageError for a rate that the standby does not accept.
        """
        if len(outlook.afterwards) > 1:  # An answer may only have been slow.
            outlook = self._switching.observe().outlook
        standby = self._standby(outlook)
        calls: dict[str, Callable[[], Any]] = {
            "most": partial(QuotaReader(self._clients), standby, QUOTAS["connect_rate"]),
            "ids": partial(client_ids, self.settings, self.region, standby, self._clients),
            "unready": partial(self._still_unready, outlook, standby),
        }
        seen = cast("dict[str, Any]", gather(calls, _VIEW_SECONDS))
        most, source = seen["most"], f"quota {QUOTAS['connect_rate']}"
        if isinstance(most, UserError):
            source = f"recovery.connect_rate; its quota is unknown: {most}"
            most = float(self.settings.recovery.connect_rate)
        situation = DrainSituation(standby=standby, most=most, source=source, ids=seen["ids"])
        if isinstance(situation.ids, NoAnswerError | CallTimeoutError):
            # Then the state of the standby's switch, which a lost region keeps, may be unknown too.
            return situation
        if problem := seen["unready"]:
            raise DrainError(f"{problem}; {_WITHOUT}")
        if isinstance(situation.ids, UserError):
            raise situation.ids
        if not self.rate <= most:  # NaN too
            raise UsageError(
                f"--drain {self.rate:g}: expected at most {most:g}, the connects a second that"
                f" {standby} accepts ({source})"
            )
        return situation

    def _standby(self, outlook: Outlook) -> str:
        standby, *others = outlook.afterwards
        if others or standby == self.region:
            unknown = ": not all health and switches are known" if others else " again"
            regions = " or ".join(outlook.afterwards)
            raise DrainError(
                f"devices of {self.region} may connect to {regions}{unknown}; {_WITHOUT}"
            )
        return standby

    def run(
        self, situation: DrainSituation, ledger: DrainLedger, use: str | None, report: OnWait
    ) -> None:
        """Wait until the answer has moved after a use of the switch, and close the connections.

        Raises DrainError, WaitTimeoutError, AwsError if AWS refuses, and the error of `situation`.
        A later run with the same ledger continues.
        """
        if use:
            ledger.mark("use", use)
        if isinstance(situation.ids, UserError):
            raise situation.ids
        answer = MovedAnswer(
            settings=self.settings,
            region=self.region,
            clients=self._clients,
            network=self.network,
            clock=self.polls.clock,
            seconds=float(self.settings.endpoint.ttl),
            because="cached answers",
        )
        wait_until(answer.missing, self.polls, report)
        # Afterwards, so that those are in the list who connected while the answer had not moved.
        if ledger.marked("listed") is None:
            self._list(situation.ids, ledger, ProgressReport(report, self.polls.clock))
        clients = Clients(self.settings.deploy_role_arn, LIMITS)
        endpoint = data_endpoint(self._clients, self.region)
        with _repeated(partial(self._problem, answer, situation.standby), self.every) as problem:
            Closing(
                ledger=ledger,
                close=partial(close_connection, clients, self.region, endpoint),
                rate=self.rate,
                problem=problem,
                report=report,
                polls=self.polls,
            ).run()
        ledger.mark("done")

    def _list(self, ids: ClientIds, ledger: DrainLedger, progress: ProgressReport) -> None:
        unread, count = ids.read(Clients(self.settings.deploy_role_arn, PATIENT)), 0
        while some := [*islice(unread, _PAGE)]:
            ledger.add(some)
            count += len(some)
            progress.show(f"{count:,} client ids are read")
        ledger.mark("listed")

    def _problem(self, answer: MovedAnswer, standby: str) -> str:
        """Return why devices must not be sent to a standby now; "" if they may."""
        try:
            led = answer.answers()
            if led != {standby}:
                return f"the zone's own servers lead to {' or '.join(sorted(led))}, not {standby}"
            outlook = complete_situation(self._switching).outlook
            if not outlook.is_away(self.region):
                return f"{self.region} is not known to be switched away any more"
            return self._unready(outlook, standby)
        except Exception as error:  # noqa: BLE001 - in the background nobody else sees it
            return f"whether {standby} is ready is unknown: {error}"

    def _still_unready(self, outlook: Outlook, standby: str) -> str:
        # Once more only: people wait for the switch.
        problem = self._unready(outlook, standby)
        return problem and self._unready(self._switching.observe().outlook, standby)

    def _unready(self, outlook: Outlook, standby: str) -> str:
        served = served_elsewhere(self.settings, self.region, self.network)
        problem = OtherRegions(outlook=outlook, served=served).problem_of(standby)
        return problem and f"{standby} is not ready for the devices: {problem}"

    @property
    def _switching(self) -> Switching:
        return Switching(self.settings, self.region, "away", self.prober)

    @cached_property
    def _clients(self) -> Clients:
        return Clients(self.settings.deploy_role_arn, _CALLS)


@contextmanager
def _repeated(check: Callable[[], str], every: float) -> Generator[Callable[[], str]]:
    """Yield the last result of a check, which is repeated in the background until it is not ""."""
    results, ended = [check()], Event()

    def repeat() -> None:
        while not results[0] and not ended.wait(every):
            results[0] = check()

    Thread(target=repeat, daemon=True).start()
    try:
        yield lambda: results[0]
    finally:
        ended.set()
