"""A certificate and its key, for processes that need not know how they are made."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Identity:
    """The files of a certificate and of its key, both PEM; only their owner reads the key."""

    certificate: Path
    key: Path
