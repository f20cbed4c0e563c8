"""The ledger of a drain: each client id, and what became of its connection."""

import sqlite3
from collections import Counter
from collections.abc import Generator, Iterable
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from iot_dr.common.ledger_file import ledger_errors, opened_ledger

Outcome = Literal["waiting", "begun", "closed", "absent"]
"""A connection's state: not tried, called without an answer, closed, or not there."""

Mark = Literal["use", "listed", "done"]
"""The use of the switch that the drain follows; whether all ids were added, and all tried."""

_SCRIPT: Final = """
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS drain (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS client (id TEXT PRIMARY KEY, outcome TEXT NOT NULL) WITHOUT ROWID;
"""
_OTHERWISE: Final = "leave out --drain"


@dataclass(frozen=True)
class DrainLedger:
    """An SQLite file in which each change is a transaction, so that a crash loses none."""

    connection: sqlite3.Connection
    file: Path

    def errors(self) -> AbstractContextManager[None]:
        """Raise SQLite's errors in a `with` block as LedgerError, for what is reported after it."""
        return ledger_errors(self.file, _OTHERWISE)

    def mark(self, name: Mark, value: str = "") -> None:
        """Record a fact about the drain."""
        with self.connection:
            self.connection.execute("INSERT OR REPLACE INTO drain VALUES (?, ?)", (name, value))

    def marked(self, name: Mark) -> str | None:
        """Return the value of a fact, None if it was not recorded."""
        rows = self.connection.execute("SELECT value FROM drain WHERE name = ?", (name,))
        return next((value for (value,) in rows), None)

    def add(self, ids: Iterable[str]) -> None:
        """Add client ids, of which some may be there."""
        rows = [(each,) for each in ids]
        with self.connection:
            self.connection.executemany("INSERT OR IGNORE INTO client VALUES (?, 'waiting')", rows)

    def record(self, client_id: str, outcome: Outcome) -> None:
        """Record what became of a connection."""
        with self.connection:
            query = "UPDATE client SET outcome = ? WHERE id = ?"
            self.connection.execute(query, (outcome, client_id))

    def waiting(self) -> list[str]:
        """Return the client ids that were not tried."""
        query = "SELECT id FROM client WHERE outcome = 'waiting'"
        return [client_id for (client_id,) in self.connection.execute(query)]

    def counts(self) -> Counter[str]:
        """Return the number of client ids by outcome."""
        query = "SELECT outcome, count(*) FROM client GROUP BY outcome"
        return Counter(dict(self.connection.execute(query)))

    def summary(self) -> str:
        """Return the number of connections by outcome as a sentence."""
        counts = self.counts()
        return (
            f"{counts['closed']:,} connections are closed, {counts['absent']:,} were not there,"
            f" {counts['begun']:,} calls had no answer, {counts['waiting']:,} are left."
        )


@contextmanager
def drain_ledger(file: Path, use: str | None) -> Generator[DrainLedger]:
    """Open a ledger, empty unless it has an unfinished drain that followed this use of the switch.

    `use` is the newest one, None if there is none. Raises LedgerError.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with opened_ledger(file, _SCRIPT, ("drain", "client"), _OTHERWISE) as connection:
        ledger = DrainLedger(connection, file)
        if use is None or ledger.marked("use") != use or ledger.marked("done") is not None:
            connection.executescript("DELETE FROM client; DELETE FROM drain;")
        yield ledger
