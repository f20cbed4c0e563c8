"""What was read of the regions so far, in a file, so that memory is bounded and work goes on."""

import os
import sqlite3
import tempfile
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Final

from functions.registry.entity import Kind
from iot_dr.common.user_error import UsageError, UserError

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS subject (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS place (
    region TEXT, kind TEXT, cursor TEXT, done INTEGER NOT NULL, PRIMARY KEY (region, kind)
);
CREATE TABLE IF NOT EXISTS held (
    kind TEXT, key TEXT, region TEXT, hash TEXT, unreadable TEXT, PRIMARY KEY (kind, key, region)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS todo (key TEXT PRIMARY KEY, kind TEXT, outcome TEXT, reason TEXT);
"""
_NAMES: Final = frozenset({"subject", "place", "held", "todo"})


class LedgerError(UserError):
    """The file cannot be used; the message names it and says what to do."""


@dataclass(frozen=True)
class Place:
    """How far a kind was read in a region: the cursor of the next page, or that all is done."""

    cursor: str | None = None
    is_done: bool = False


@dataclass(frozen=True)
class Held:
    """The hash of what a region holds under a key, or why it cannot be read."""

    key: str
    hash: str
    unreadable: str | None = None


class Ledger:
    """An SQLite file; each page is written whole, with the place behind it. For many threads."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lock = Lock()

    def place(self, region: str, kind: Kind) -> Place:
        """Give how far a kind was read."""
        query = "SELECT cursor, done FROM place WHERE region = ? AND kind = ?"
        for cursor, done in self.rows(query, (region, kind)):
            return Place(cursor, bool(done))
        return Place()

    def turn(self, region: str, kind: Kind, held: Iterable[Held], cursor: str | None) -> None:
        """Write a page down, and the cursor behind it."""
        rows = ((kind, each.key, region, each.hash, each.unreadable) for each in held)
        place = (region, kind, cursor, cursor is None)
        with self._lock, self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO held VALUES (?, ?, ?, ?, ?)", rows)
            self._connection.execute("INSERT OR REPLACE INTO place VALUES (?, ?, ?, ?)", place)

    def forget(self, region: str, kind: Kind) -> None:
        """Begin a kind anew."""
        with self._lock, self._connection:
            for table in ("held", "place"):
                self._connection.execute(
                    f"DELETE FROM {table} WHERE region = ? AND kind = ?",  # noqa: S608 - our own names
                    (region, kind),
                )

    def holds(self, region: str, key: str) -> bool:
        """Tell whether a region was found to hold an entity."""
        query = "SELECT 1 FROM held WHERE kind = ? AND key = ? AND region = ?"
        return any(True for _ in self.rows(query, (key.partition("/")[0], key, region)))

    def keys(self, region: str, kind: Kind, after: str, most: int) -> list[str]:
        """Give the keys of what a region was found to hold, at most so many, behind one."""
        query = (
            "SELECT key FROM held WHERE region = ? AND kind = ? AND key > ? ORDER BY key LIMIT ?"
        )
        return [key for (key,) in self.rows(query, (region, kind, after, most))]

    def count_held(self, region: str) -> dict[Kind, int]:
        """Count what a region was found to hold of each kind."""
        query = "SELECT kind, count(*) FROM held WHERE region = ? GROUP BY kind"
        counts = dict(self.rows(query, (region,)))
        return {kind: counts.get(kind.value, 0) for kind in Kind}

    def leave(self, key: str, kind: Kind, outcome: str, reason: str) -> None:
        """Note that something is left to be done for an entity, and why."""
        row = (key, kind, outcome, reason)
        with self._lock, self._connection:
            self._connection.execute("INSERT OR REPLACE INTO todo VALUES (?, ?, ?, ?)", row)

    def left(self, kind: Kind, outcome: str, after: str, most: int) -> list[str]:
        """Give the keys of what is left to be done so, at most so many, behind one."""
        query = (
            "SELECT key FROM todo WHERE kind = ? AND outcome = ? AND key > ? ORDER BY key LIMIT ?"
        )
        return [key for (key,) in self.rows(query, (kind, outcome, after, most))]

    def count_left_so(self, kind: Kind, outcome: str) -> int:
        """Count what is left to be done of a kind so."""
        query = "SELECT count(*) FROM todo WHERE kind = ? AND outcome = ?"
        return sum(count for (count,) in self.rows(query, (kind, outcome)))

    def reasons(self, most: int) -> list[tuple[str, str]]:
        """Give the keys of what is left to be done with the reasons, at most so many."""
        query = "SELECT key, reason FROM todo ORDER BY key LIMIT ?"
        return [(key, reason) for key, reason in self.rows(query, (most,))]

    def count_left(self) -> int:
        """Count all that is left to be done."""
        return sum(count for (count,) in self.rows("SELECT count(*) FROM todo"))

    def settle(self, key: str) -> None:
        """Note that nothing is left to be done for an entity."""
        with self._lock, self._connection:
            self._connection.execute("DELETE FROM todo WHERE key = ?", (key,))

    def rows(self, query: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Give the rows of a query, a few at a time."""
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
    """Open the file that is kept at `path`, or one that goes at the end of the block.

    Raises LedgerError when it cannot be used, UsageError when it is about another `subject`.
    """
    with tempfile.TemporaryDirectory(prefix="iot-dr-registry-") as folder:
        file = path or Path(folder) / "ledger"
        try:
            with _opened(file) as connection:
                _refuse_other(connection, file, subject)
                yield Ledger(connection)
        except sqlite3.Error as error:
            raise LedgerError(f"{file}: {_told(error)}") from error


def _told(error: sqlite3.Error) -> str:
    # What Python's module itself raises has no code.
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
        return "another run is at it: wait for its end, or name another file"
    return f"{error}: name another file, or make room"


@contextmanager
def _opened(file: Path) -> Generator[sqlite3.Connection]:
    try:
        # For nobody else: it names devices.
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise LedgerError(f"{file}: {error.strerror}: name a file that can be written") from error
    with closing(sqlite3.connect(file, check_same_thread=False, timeout=0.5)) as connection:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA synchronous = NORMAL")
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        if not _NAMES.issuperset(name for (name,) in tables):
            raise LedgerError(f"{file} is a database of another program: name another file")
        connection.executescript(_TABLES)
        yield connection


def _refuse_other(connection: sqlite3.Connection, file: Path, subject: Mapping[str, str]) -> None:
    known = dict(connection.execute("SELECT name, value FROM subject"))
    if not known:
        with connection:
            connection.executemany("INSERT INTO subject VALUES (?, ?)", subject.items())
    elif known != dict(subject):
        told = ", ".join(f"{name} {value}" for name, value in sorted(known.items()))
        raise UsageError(f"{file} is of another run ({told}): name another file")
