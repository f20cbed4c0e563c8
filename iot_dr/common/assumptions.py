"""The ledger of what is assumed of AWS; docs/reference/assumptions.md is made from its JSON."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from pkgutil import get_data
from typing import Any, Final, Literal

LEDGER: Final = Path(__file__).with_name("assumptions.json")
"""The file with the ledger."""

User = Literal["prove", "rto", "drill"]
"""The commands that name the assumptions of their result."""

Part = Literal["always", "alias", "switch", "watcher", "data"]
"""A part of a design that an assumption is about; `always` is the failover itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """A statement about AWS, its source, and what depends on it.

    `used_by` has the part of a design for which a command uses it. `probes` are steps and single
    probes of the acceptance run that would refute it. `transcripts` are the runs in which they
    did or did not: start, version of iot-dr, name of the probe, `confirmed` or `refuted`.
    """

    id: str
    statement: str
    source: str
    depends: str
    used_by: Mapping[User, Part]
    probes: tuple[str, ...]
    transcripts: tuple[Mapping[str, str], ...]

    @property
    def state(self) -> str:
        """`confirmed` or `refuted` by a transcript, which counts more; `not yet` without any."""
        verdicts = {each["verdict"] for each in self.transcripts}
        return next((each for each in ("refuted", "confirmed") if each in verdicts), "not yet")


@cache
def ledger() -> tuple[Assumption, ...]:
    """Return all assumptions, in the order of the file."""
    # The judging library may run from a wheel that is not unpacked.
    rows: list[dict[str, Any]] = json.loads(get_data(__name__, LEDGER.name) or b"[]")
    return tuple(
        Assumption(
            id=row["id"],
            statement=row["statement"],
            source=row["source"],
            depends=row["depends"],
            used_by=row["used_by"],
            probes=tuple(row["probes"]),
            transcripts=tuple(row["transcripts"]),
        )
        for row in rows
    )


def used(user: User, parts: Collection[Part]) -> tuple[str, ...]:
    """Return the ids of what a command assumes of AWS for a design with these parts."""
    return tuple(each.id for each in ledger() if each.used_by.get(user) in parts)


def reference(ids: Iterable[str]) -> str:
    """Return the ids with their page."""
    return f"{', '.join(ids)} (docs/reference/assumptions.md)"
