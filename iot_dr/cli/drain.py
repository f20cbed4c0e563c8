"""The drain of `iot-dr switch away --drain`: what is shown before it, and its outcome."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any

import typer

from iot_dr.cli.text import echo
from iot_dr.common.user_error import UserError
from iot_dr.observe.status.network import Network
from iot_dr.observe.switch.audit import AuditRecord, Entry
from iot_dr.observe.switch.probe import probe
from iot_dr.observe.switch.switching import Switching, SwitchSituation
from iot_dr.operate.drain.client_ids import ClientIds
from iot_dr.operate.drain.drain_ledger import DrainLedger
from iot_dr.operate.drain.draining import Draining, DrainView

DrainOption = Annotated[
    float | None,
    typer.Option(
        help="Then close the region's connections: so many a second, at most the connects that the"
        " standby accepts.",
        min=0.1,
        metavar="RATE",
    ),
]


@dataclass
class DrainRun:
    """A drain that the operator has been shown; `problem` says why it is not complete."""

    draining: Draining
    view: DrainView
    ledger: DrainLedger
    problem: str = "not begun"
    _reported: str = field(default="", init=False)

    def lines(self) -> Iterator[str]:
        """Return what the drain will do, to be read before the confirmation."""
        region, view, rate = self.draining.region, self.view, self.draining.rate
        if not isinstance(view.ids, ClientIds):
            yield (
                f"{region} cannot be drained: {view.ids}. A connection is closed by a call to its"
                f" own region. Devices leave {region} when their keep-alive ends: AWS IoT's longest"
                " is 20 minutes."
            )
            return
        counts = self.ledger.counts()
        left = counts["waiting"] if self.ledger.marked("listed") is not None else view.ids.count
        yield (
            f"Drain: {left:,} connections ({view.ids.source}), of the whole account, are closed at"
            f" {rate:g} a second, in {left / rate:.0f} s, once the answer has led to"
            f" {view.standby} for {self.draining.settings.endpoint.ttl} s. {view.standby} accepts"
            f" {view.most:g} connects a second ({view.source}). Persistent sessions are kept."
        )
        if tried := counts.total() - counts["waiting"]:
            yield f"It continues: {tried:,} connections were tried before."

    def run(self, use: Entry | None) -> Iterator[str]:
        """Drain after a use of the switch, and return the outcome."""
        if not isinstance(self.view.ids, ClientIds):
            self.problem = str(self.view.ids)
            yield f"{self.draining.region} is not drained."
            return
        if use:
            self.ledger.mark("use", str(use.number))
        try:
            self.draining.run(self.view, self.ledger, self._report)
            self.problem = ""
        except UserError as error:
            self.problem = str(error)
        counts = self.ledger.counts()
        yield (
            f"{counts['closed']:,} connections are closed, {counts['absent']:,} were not there,"
            f" {counts['begun']:,} calls had no answer, {counts['waiting']:,} are left."
        )
        if self.problem:
            yield (
                f"The drain has stopped: {self.problem}. To continue:"
                f" {resume_command(self.draining)}"
            )

    def document(self) -> dict[str, Any]:
        """Return the drain for JSON."""
        counts, ids = self.ledger.counts(), self.view.ids
        return {
            "standby": self.view.standby,
            "rate": self.draining.rate,
            "most": self.view.most,
            "connections": ids.count if isinstance(ids, ClientIds) else None,
            "source": ids.source if isinstance(ids, ClientIds) else None,
            "closed": counts["closed"],
            "absent": counts["absent"],
            "unanswered": counts["begun"],
            "left": counts["waiting"],
            "problem": self.problem or None,
        }

    def _report(self, seconds: float, text: str) -> None:
        if text != self._reported:
            echo(f"{seconds:7.0f} s: {text}", err=True)
        self._reported = text


@contextmanager
def drain_run(draining: Draining | None, situation: SwitchSituation) -> Generator[DrainRun | None]:
    """Yield the drain of a switch, with its ledger open; None without one.

    Raises what `Draining.look` raises, and LedgerError.
    """
    if draining is None:
        yield None
        return
    view, kept = draining.look(situation.outlook), situation.kept
    entry = kept.entry if isinstance(kept, AuditRecord) else None
    with draining.ledger(str(entry.number) if entry and entry.number else None) as ledger:
        yield DrainRun(draining, view, ledger)


def drain_after(switching: Switching, rate: float) -> Draining:
    """Return the drain that follows a switch."""
    return Draining(
        settings=switching.settings,
        region=switching.region,
        rate=rate,
        network=Network.current(),
        prober=probe,
    )


def resume_command(draining: Draining) -> str:
    """Return the command that continues a drain."""
    return (
        f"iot-dr switch away {draining.region} --env {draining.settings.environment}"
        f" --drain {draining.rate:g} --reason TEXT"
    )
