"""A file of the entities that were read, so that memory is bounded and a run can be resumed."""

import sqlite3
import tempfile
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Final

from functions.registry.entity import Kind
from iot_dr.common.ledger_file import opened_ledger
from iot_dr.common.user_error import UsageError

_SCRIPT: Final = """
CREATE TABLE IF NOT EXISTS subject (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS place (
    region TEXT, kind TEXT, cursor TEXT, done INTEGER NOT NULL, PRIMARY KEY (region, kind)
);
CREATE TABLE IF NOT EXISTS held (
    kind TEXT, key TEXT, region TEXT, hash TEXT, unreadable TEXT, PRIMARY KEY (kind, key, region)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS todo (key TEXT PRIMARY KEY, kind TEXT, outcome TEXT, reason TEXT);
"""
_TABLES: Final = ("subject", "place", "held", "todo")


@dataclass(frozen=True)
class ReadPosition:
    """How far a kind was read in a region: the cursor of the next page, or done."""

    cursor: str | None = None
    is_done: bool = False


@dataclass(frozen=True)
class LedgerEntry:
    """The hash of an entity of a region, or why it cannot be read."""

    key: str
    hash: str
    unreadable: str | None = None


class Ledger:
    """An SQLite file, safe for many threads; each page is one transaction with its cursor."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lock = Lock()

    def place(self, region: str, kind: Kind) -> ReadPosition:
        """Return how far a kind was read."""
        query = "SELECT cursor, done FROM place WHERE region = ? AND kind = ?"
        for cursor, done in self.rows(query, (region, kind)):
            return ReadPosition(cursor, bool(done))
        return ReadPosition()

    def record_page(
        self, region: str, kind: Kind, entries: Iterable[LedgerEntry], cursor: str | None
    ) -> None:
        """Store a page, and the cursor after it."""
        rows = ((kind, entry.key, region, entry.hash, entry.unreadable) for entry in entries)
        place = (region, kind, cursor, cursor is None)
        with self._lock, self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO held VALUES (?, ?, ?, ?, ?)", rows)
            self._connection.execute("INSERT OR REPLACE INTO place VALUES (?, ?, ?, ?)", place)

    def forget(self, region: str, kind: Kind) -> None:
        """Delete what was read of a kind, so that reading starts again."""
        with self._lock, self._connection:
            for table in ("held", "place"):
                self._connection.execute(
                    f"DELETE FROM {table} WHERE region = ? AND kind = ?",  # noqa: S608 - our own names
                    (region, kind),
                )

    def contains(self, region: str, key: str) -> bool:
        """Whether a region has an entity, as far as the region was read."""
        query = "SELECT 1 FROM held WHERE kind = ? AND key = ? AND region = ?"
        return any(True for _ in self.rows(query, (key.partition("/")[0], key, region)))

    def keys(self, region: str, kind: Kind, after: str, most: int) -> list[str]:
        """Return the keys of a region's entities after the key `after`, at most `most`."""
        query = (
            "SELECT key FROM held WHERE region = ? AND kind = ? AND key > ? ORDER BY key LIMIT ?"
        )
        return [key for (key,) in self.rows(query, (region, kind, after, most))]

    def count_entities(self, region: str) -> dict[Kind, int]:
        """Return the number of a region's entities of each kind."""
        query = "SELECT kind, count(*) FROM held WHERE region = ? GROUP BY kind"
        counts = dict(self.rows(query, (region,)))
        return {kind: counts.get(kind.value, 0) for kind in Kind}

    def defer(self, key: str, kind: Kind, outcome: str, reason: str) -> None:
        """Record that an entity is unfinished, with the outcome and the reason."""
        row = (key, kind, outcome, reason)
        with self._lock, self._connection:
            self._connection.execute("INSERT OR REPLACE INTO todo VALUES (?, ?, ?, ?)", row)

    def deferred(self, kind: Kind, outcome: str, after: str, most: int) -> list[str]:
        """Return the keys of a kind's unfinished entities after the key `after`, at most `most`."""
        query = (
            "SELECT key FROM todo WHERE kind = ? AND outcome = ? AND key > ? ORDER BY key LIMIT ?"
        )
        return [key for (key,) in self.rows(query, (kind, outcome, after, most))]

    def count_deferred(self, kind: Kind, outcome: str) -> int:
        """Return the number of a kind's unfinished entities with this outcome."""
        query = "SELECT count(*) FROM todo WHERE kind = ? AND outcome = ?"
        return sum(count for (count,) in self.rows(query, (kind, outcome)))

    def reasons(self, most: int) -> list[tuple[str, str]]:
        """Return the keys of unfinished entities with their reasons, at most `most`."""
        query = "SELECT key, reason FROM todo ORDER BY key LIMIT ?"
        return [(key, reason) for key, reason in self.rows(query, (most,))]

    def count_all_deferred(self) -> int:
        """Return the number of all unfinished entities."""
        return sum(count for (count,) in self.rows("SELECT count(*) FROM todo"))

    def settle(self, key: str) -> None:
        """Record that an entity is finished."""
        with self._lock, self._connection:
            self._connection.execute("DELETE FROM todo WHERE key = ?", (key,))

    def rows(self, query: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query, fetched 500 at a time."""
        with closing(self._connection.cursor()) as cursor:
            with self._lock:
                cursor.execute(query, values)
            while True:
                with self._lock:
                    some = cursor.fetchmany(500)
                if not some:
                    return
                yield from some


@contextmanager
def ledger(path: Path | None, subject: Mapping[str, str]) -> Generator[Ledger]:
    """Yield the ledger at `path`, or a temporary one for the block.

    Raises LedgerError if it cannot be used, UsageError if it belongs to another `subject`.
    """
    with tempfile.TemporaryDirectory(prefix="iot-dr-registry-") as folder:
        file = path or Path(folder) / "ledger"
        with opened_ledger(file, _SCRIPT, _TABLES) as connection:
            _refuse_other(connection, file, subject)
            yield Ledger(connection)


def _refuse_other(connection: sqlite3.Connection, file: Path, subject: Mapping[str, str]) -> None:
    known = dict(connection.execute("SELECT name, value FROM subject"))
    if not known:
        with connection:
            connection.executemany("INSERT INTO subject VALUES (?, ?)", subject.items())
    elif known != dict(subject):
        subjects = ", ".join(f"{name} {value}" for name, value in sorted(known.items()))
        raise UsageError(f"{file} belongs to another run ({subjects}): name another file")
