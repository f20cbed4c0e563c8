"""Properties of a design, proved over every state within a bound or disproved by an example."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from iot_dr.common.assumptions import Part, used
from iot_dr.design.design import Design
from iot_dr.design.notes import Note
from iot_dr.prover.findings import Violation
from iot_dr.prover.search import searched

ARRIVES: Final = "a change of device data in one region arrives in every other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What was found about one device name.

    `unseen` are the faults that led to a region that does not serve, since no check of the record
    sees them; `notes` what is assumed. `possible` are violations that there are not if what is not
    declared works, and `unknown` what else decides and is not known: with either nothing is proved,
    as with too many states or alarms for a search, when it is not `is_complete`. `assumptions` are
    ids of the ledger.
    """

    name: str
    states: int
    transitions: int
    violations: tuple[Violation, ...]
    is_complete: bool = True
    possible: tuple[Violation, ...] = ()
    unknown: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    assumptions: tuple[str, ...] = ()

    @property
    def verdict(self) -> Literal["proved", "disproved", "not proved"]:
        """What is proved of the name; `not proved` if something that is not known decides."""
        if self.violations:
            return "disproved"
        return "proved" if self.is_proved else "not proved"

    @property
    def is_proved(self) -> bool:
        """Whether every property holds in every state within the bound."""
        is_open = self.violations or self.possible or self.unknown
        return self.is_complete and not is_open


def prove(design: Design) -> Proof:
    """Prove or disprove a design over every sequence within the bound."""
    search = searched(design)
    return Proof(
        name=design.name,
        states=search.states,
        transitions=search.transitions,
        violations=(*search.violations, *_losses(design)),
        is_complete=search.is_complete,
        unknown=(*design.unknown, *design.inferred),
        unseen=search.unseen,
        notes=design.notes,
        assumptions=used("prove", _parts(design)),
    )


def _parts(design: Design) -> set[Part]:
    """Return the parts of a design about which something is assumed of AWS."""
    records = (record for named in design.evaluation.records.values() for record in named)
    parts: dict[Part, bool] = {
        "always": True,
        "alias": any(record.is_alias and record.is_failover for record in records),
        "switch": any(alarm.switched for alarm in design.alarms),
        "watcher": bool(design.watchers),
    }
    return {part for part, is_there in parts.items() if is_there}


def _losses(design: Design) -> Iterator[Violation]:
    """Yield the violation that device data does not arrive, with its causes after the first."""
    if design.lost:
        first, *others = design.lost
        yield Violation(property=ARRIVES, events=(), observed=first, reasons=tuple(others))
