"""A certificate with its key, as files."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Identity:
    """The PEM files of a certificate and its key; only their owner can read the key."""

    certificate: Path
    key: Path
