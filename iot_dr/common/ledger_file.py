"""SQLite files in which a command records its progress."""

import os
import sqlite3
from collections.abc import Collection, Generator
from contextlib import closing, contextmanager
from pathlib import Path

from iot_dr.common.user_error import UserError


class LedgerError(UserError):
    """The file cannot be used; the message names it and says what to do."""


@contextmanager
def opened_ledger(
    file: Path, script: str, tables: Collection[str]
) -> Generator[sqlite3.Connection]:
    """Open or create a file for a `with` block, for this process alone; run a script in it.

    Raises LedgerError if it cannot be used, also for an error of SQLite in the block.
    """
    try:
        # Readable by the owner only, since it names devices.
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise LedgerError(f"{file}: {error.strerror}: name a file that can be written") from error
    try:
        with closing(sqlite3.connect(file, check_same_thread=False, timeout=0.5)) as connection:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("PRAGMA synchronous = NORMAL")
            known = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if not {name for (name,) in known}.issubset(tables):
                raise LedgerError(f"{file} is a database of another program: name another file")
            connection.executescript(script)
            yield connection
    except sqlite3.Error as error:
        raise LedgerError(f"{file}: {_advice(error)}") from error


def _advice(error: sqlite3.Error) -> str:
    # Errors that Python's module raises itself have no code.
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
        return "in use by another run: wait for it to end, or name another file"
    return f"{error}: name another file, or free disk space"
