"""What a stored state says of itself."""

import json
from dataclasses import dataclass
from datetime import datetime

from iot_dr.observe.state.store import Stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A state's lineage (whose it is), serial (which version) and the time it was written.

    What it says is None when it is corrupt.
    """

    written: datetime
    lineage: str | None = None
    serial: int | None = None

    @classmethod
    def of(cls, stored: Stored | None) -> "Snapshot | None":
        """Read a state; None for none."""
        if stored is None:
            return None
        try:
            state = json.loads(stored.content)
            lineage, serial = str(state["lineage"]), int(state["serial"])
        except (ValueError, TypeError, KeyError):
            return cls(written=stored.written)
        return cls(written=stored.written, lineage=lineage, serial=serial)

    @property
    def is_corrupt(self) -> bool:
        """Whether it is no state."""
        return self.serial is None
