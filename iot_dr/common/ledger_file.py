"""SQLite files in which a command records its progress."""

import os
import sqlite3
from collections.abc import Collection, Generator
from contextlib import closing, contextmanager
from pathlib import Path

from iot_dr.common.user_error import UserError


class LedgerError(UserError):
    """A ledger file cannot be used; the message names it and says what to do."""


@contextmanager
def opened_ledger(
    file: Path, script: str, tables: Collection[str], otherwise: str = "name another file"
) -> Generator[sqlite3.Connection]:
    """Open or create a file for a `with` block, for this process alone; run a script in it.

    Raises LedgerError if it cannot be used, also for an error of SQLite in the block; `otherwise`
    is what its message advises.
    """
    try:
        # Readable by the owner only, since it names devices.
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise LedgerError(f"{file}: {error.strerror}: {otherwise}") from error
    with (
        ledger_errors(file, otherwise),
        closing(sqlite3.connect(file, check_same_thread=False, timeout=0.5)) as connection,
    ):
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA synchronous = NORMAL")
        known = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        if not {name for (name,) in known}.issubset(tables):
            raise LedgerError(f"{file} is a database of another program: {otherwise}")
        connection.executescript(script)
        yield connection


@contextmanager
def ledger_errors(file: Path, otherwise: str) -> Generator[None]:
    """Raise an error of SQLite as LedgerError."""
    try:
        yield
    except sqlite3.Error as error:
        # Errors that Python's module raises itself have no code.
        is_busy = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
        in_use = "in use by another run: wait for it to end"
        problem = in_use if is_busy else f"{error}: free disk space"
        raise LedgerError(f"{file}: {problem}, or {otherwise}") from error
