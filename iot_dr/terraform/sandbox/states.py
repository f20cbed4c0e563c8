"""Terraform's states in a sandbox's folder, read without a server."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from iot_dr.terraform.sandbox.folder import SandboxFolder, StoredObject

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


def _state(stored: StoredObject) -> StoredState:
    return StoredState(
        bucket=stored.name.bucket,
        key=stored.name.key,
        path=stored.path,
        written=stored.stamp.time,
        **_facts(stored.content),
    )


def _facts(content: bytes) -> dict[str, Any]:
    try:
        state = json.loads(content)
        return {
            "lineage": str(state["lineage"]),
            "serial": int(state["serial"]),
            "resources": len(state["resources"]),
        }
    except (ValueError, TypeError, KeyError):
        return {}
