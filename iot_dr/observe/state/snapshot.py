"""The identity of a stored state."""

from dataclasses import dataclass
from datetime import datetime

from iot_dr.observe.state.store import StoredObject
from iot_dr.terraform_json.state_file import StateFile
from iot_dr.terraform_json.strict_json import RefusedJsonError


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A state's lineage (its identity), serial (its version) and time of writing.

    Lineage and serial are None if the state is corrupt.
    """

    written: datetime
    lineage: str | None = None
    serial: int | None = None

    @classmethod
    def of(cls, stored: StoredObject | None) -> "Snapshot | None":
        """Parse a state; return None if the object is missing."""
        if stored is None:
            return None
        try:
            state = StateFile.parse(stored.content)
        except RefusedJsonError:
            return cls(written=stored.written)
        return cls(written=stored.written, lineage=state.lineage, serial=state.serial)

    @property
    def is_corrupt(self) -> bool:
        """Whether the object is not a Terraform state."""
        return self.serial is None
