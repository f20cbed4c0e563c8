"""The drain of `iot-dr switch away --drain`: what is shown before it, and its outcome."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any

import typer

from iot_dr.cli.text import echo
from iot_dr.common.user_error import UserError
from iot_dr.observe.switch.audit import AuditEntry
from iot_dr.observe.switch.situation import SwitchSituation
from iot_dr.operate.drain.client_ids import ClientIds
from iot_dr.operate.drain.drain_ledger import DrainLedger
from iot_dr.operate.drain.draining import Draining, DrainSituation, use_of

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
    situation: DrainSituation
    ledger: DrainLedger
    problem: str = "not begun"
    _reported: str = field(default="", init=False)

    def lines(self) -> Iterator[str]:
        """Return what the drain will do, to be read before the confirmation."""
        counts = self.ledger.counts()
        is_listed = self.ledger.marked("listed") is not None
        yield drain_line(self.draining, self.situation, counts["waiting"] if is_listed else None)
        if tried := counts.total() - counts["waiting"]:
            yield f"It continues: {tried:,} connections were tried before."

    def run(self, use: AuditEntry | None) -> Iterator[str]:
        """Drain after a use of the switch, and return the outcome."""
        try:
            with self.ledger.errors():
                number = str(use.number) if use else None
                self.draining.run(self.situation, self.ledger, number, self._report)
            self.problem = ""
        except UserError as error:
            self.problem = str(error)
        if not isinstance(self.situation.ids, ClientIds):
            yield f"{self.draining.region} is not drained."
            return
        yield self.ledger.summary()
        if self.problem:
            yield (
                f"The drain has stopped: {self.problem}. To continue:"
                f" {resume_command(self.draining)}"
            )

    def document(self) -> dict[str, Any]:
        """Return the drain for JSON."""
        counts, ids = self.ledger.counts(), self.situation.ids
        return {
            "standby": self.situation.standby,
            "rate": self.draining.rate,
            "most": self.situation.most,
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
    look = draining.look(situation.outlook)
    with draining.ledger(use_of(situation.kept)) as ledger:
        yield DrainRun(draining, look, ledger)


def drain_line(draining: Draining, situation: DrainSituation, left: int | None = None) -> str:
    """Return what a drain will do; `left` are the connections of one that continues."""
    region, rate, ids = draining.region, draining.rate, situation.ids
    if not isinstance(ids, ClientIds):
        return (
            f"{region} cannot be drained: {ids}. A connection is closed by a call to its own"
            f" region. Devices leave {region} when their keep-alive ends: AWS IoT's longest is 20"
            " minutes."
        )
    count, standby = ids.count if left is None else left, situation.standby
    return (
        f"Drain: {count:,} connections ({ids.source}), of the whole account, are closed at"
        f" {rate:g} a second, in {count / rate:.0f} s, once the device name has resolved to"
        f" {standby} for {draining.settings.endpoint.ttl} s. {standby} accepts {situation.most:g}"
        f" connects a second ({situation.source}). Persistent sessions are kept."
    )


def resume_command(draining: Draining) -> str:
    """Return the command that continues a drain."""
    return (
        f"iot-dr switch away {draining.region} --env {draining.settings.environment}"
        f" --drain {draining.rate:g} --reason TEXT"
    )
