"""The folder with the change batches of an adoption, which are written before they are sent."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from iot_dr.common.plain_text import plain
from iot_dr.common.regular_file import content_of
from iot_dr.common.whole_file import whole_file
from iot_dr.observe.switch.record_sets import RecordSet, are_equal
from iot_dr.operate.adopt.change_batch import BatchFileError, ChangeBatch
from iot_dr.terraform_json.dns_name import dns_name
from iot_dr.terraform_json.strict_json import parsed

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

    @property
    def until(self) -> datetime:
        """When no resolver has the record with its former TTL any more."""
        return self.at + timedelta(seconds=self.former)


@dataclass(frozen=True)
class BatchFolder:
    """Files of one environment; methods that write raise OSError."""

    path: Path

    def prepare_cut_over(self, batch: ChangeBatch) -> None:
        """Write the batch of the cut-over and its inverse."""
        self._prepare(CUT_OVER, batch, BACK, batch.deleted)

    def prepare_back(self, batch: ChangeBatch) -> None:
        """Write the batch that restores the old record, and its inverse."""
        self._prepare(BACK, batch, CUT_OVER, batch.deleted)

    def prepare_lower_ttl(self, batch: ChangeBatch) -> None:
        """Write the batch that lowers the TTL, and the one that restores the record's first TTL.

        Raises BatchFileError if that of an earlier call cannot be read.
        """
        file = self.path / _RESTORE_TTL
        earlier = ChangeBatch.read(file) if file.exists() else None
        former = batch.deleted
        if earlier and are_equal(earlier.deleted, former):
            former = earlier.created
        self._prepare(_LOWER_TTL, batch, _RESTORE_TTL, former)

    def _prepare(
        self, name: str, batch: ChangeBatch, inverse: str, former: tuple[RecordSet, ...]
    ) -> None:
        # The inverse first: a batch is never there without it.
        back = batch.inverse(f"Inverse of: {batch.comment}")
        replace(back, created=former).write(self.path / inverse)
        batch.write(self.path / name)

    def back(self, name: str) -> ChangeBatch:
        """Return the batch that restores the old record of a name; raises BatchFileError."""
        batch = ChangeBatch.read(self.path / BACK)
        restored = {dns_name(str(record.get("Name"))) for record in batch.created}
        if restored != {name}:
            # The name would lose its records, and another one would get one.
            raise BatchFileError(
                f"{plain(str(self.path / BACK))}: restores"
                f" {plain(', '.join(restored)) or 'nothing'} instead of {name};"
                " --folder names the folder of another environment's batches"
            )
        return batch

    def note_lowered(self, former: int) -> None:
        """Note that the TTL is lowered now from `former` seconds.

        Keeps an earlier note with a later end. Raises BatchFileError if that cannot be read.
        """
        now, earlier = datetime.now(UTC), self.lowered()
        if earlier and earlier.until > LoweredTtl(now, former).until:
            return
        note = {"at": now.isoformat(timespec="seconds"), "former": former}
        with whole_file(self.path / _LOWERED) as file:
            file.write(f"{json.dumps(note)}\n".encode())

    def lowered(self) -> LoweredTtl | None:
        """Return when the TTL was lowered, None if it was not by this folder's commands.

        Raises BatchFileError if the note cannot be read.
        """
        file = self.path / _LOWERED
        try:
            note = parsed(content_of(file))
            at = datetime.fromisoformat(note["at"]).astimezone(UTC)
            lowered = LoweredTtl(at, int(note["former"]))
            lowered.until  # noqa: B018 - it can be no date
            return lowered
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError, OverflowError) as error:
            message = f"{file}: is not a note of adopt lower-ttl: {error}"
            raise BatchFileError(plain(message)) from error
