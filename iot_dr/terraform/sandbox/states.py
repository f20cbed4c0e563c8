"""Terraform's states in a sandbox's folder, read without a server."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from iot_dr.terraform.sandbox.folder import SandboxFolder, SandboxObject
from iot_dr.terraform_json.state_file import StateFile
from iot_dr.terraform_json.strict_json import RefusedJsonError

_SUFFIX = ".tfstate"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredState:
    """A state file; `lineage`, `serial` and `resources` are None if it is corrupt."""

    bucket: str
    key: str
    path: Path
    written: datetime
    lineage: str | None = None
    serial: int | None = None
    resources: int | None = None


def states_in(folder: Path) -> list[StoredState]:
    """Return the states of a sandbox by bucket and key; raises OSError for an unreadable file."""
    return [_state(stored) for stored in SandboxFolder(folder).ending_in(_SUFFIX)]


def _state(stored: SandboxObject) -> StoredState:
    try:
        state = StateFile.parse(stored.content)
    except RefusedJsonError:
        state = None
    return StoredState(
        bucket=stored.name.bucket,
        key=stored.name.key,
        path=stored.path,
        written=stored.stamp.time,
        lineage=state.lineage if state else None,
        serial=state.serial if state else None,
        resources=len(state.resources) if state else None,
    )
