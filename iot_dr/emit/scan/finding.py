"""What a scanner complains of."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, order=True)
class Finding:
    """A check that failed, what it asks for, and where: `MODULE/TYPE.NAME`.

    However often a module is called in what was scanned, it is one finding.
    """

    check: str
    where: str
    asks: str
