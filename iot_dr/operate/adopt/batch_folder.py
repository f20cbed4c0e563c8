"""The folder with the change batches of an adoption, which are written before they are sent."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from iot_dr.common.whole_file import whole_file
from iot_dr.operate.adopt.change_batch import BatchFileError, ChangeBatch

CUT_OVER: Final = "cut-over.json"
BACK: Final = "back.json"
_LOWER_TTL: Final = "lower-ttl.json"
_RESTORE_TTL: Final = "restore-ttl.json"
_LOWERED: Final = "ttl-lowered.json"


@dataclass(frozen=True)
class LoweredTtl:
    """When the TTL of the old record was lowered, and what it was in seconds."""

    at: datetime
    former: int


@dataclass(frozen=True)
class BatchFolder:
    """Files of one environment; methods that write raise OSError."""

    path: Path

    def prepare_cut_over(self, batch: ChangeBatch) -> None:
        """Write the batch of the cut-over and its inverse."""
        self._prepare(CUT_OVER, batch, BACK)

    def prepare_back(self, batch: ChangeBatch) -> None:
        """Write the batch that goes back, and its inverse."""
        self._prepare(BACK, batch, CUT_OVER)

    def prepare_lower_ttl(self, batch: ChangeBatch) -> None:
        """Write the batch that lowers the TTL, and its inverse."""
        self._prepare(_LOWER_TTL, batch, _RESTORE_TTL)

    def _prepare(self, name: str, batch: ChangeBatch, inverse: str) -> None:
        # The inverse first: a batch is never there without it.
        batch.inverse(f"Inverse of: {batch.comment}").write(self.path / inverse)
        batch.write(self.path / name)

    def back(self) -> ChangeBatch:
        """Return the batch that restores the old record; raises BatchFileError."""
        return ChangeBatch.read(self.path / BACK)

    def note_lowered(self, former: int) -> None:
        """Note that the TTL has just been lowered from `former` seconds."""
        note = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "former": former}
        with whole_file(self.path / _LOWERED) as file:
            file.write(f"{json.dumps(note)}\n".encode())

    def lowered(self) -> LoweredTtl | None:
        """Return when the TTL was lowered, None if it was not by this folder's commands.

        Raises BatchFileError if the note cannot be read.
        """
        file = self.path / _LOWERED
        try:
            note = json.loads(file.read_bytes())
            return LoweredTtl(datetime.fromisoformat(note["at"]), int(note["former"]))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise BatchFileError(f"{file}: is not a note of adopt lower-ttl: {error}") from error
