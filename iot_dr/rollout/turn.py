"""The turn of a region: an object that says that its stack is being changed, or half-changed."""

import getpass
import json
import os
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from environments.settings import Settings
from iot_dr.plain_text import plain
from stacks.graph import StackNode
from stacks.state_location import StateLocation, state_location

_UNKNOWN = "unknown"
_TIME = "%Y-%m-%d %H:%M:%S UTC"


@dataclass(frozen=True, slots=True)
class Turn:
    """Since when (UTC) a stack is being changed, by whom, and which of all turns this is."""

    since: str
    by: str
    id: str = _UNKNOWN

    @classmethod
    def now(cls, environ: Mapping[str, str] = os.environ) -> "Turn":
        """Give a turn that begins now: of this build, or of this user at this machine."""
        by = environ.get("CODEBUILD_BUILD_ID") or f"{_user()}@{socket.gethostname()}"
        return cls(f"{datetime.now(UTC):{_TIME}}", by, uuid4().hex)

    @classmethod
    def read(cls, content: bytes) -> "Turn":
        """Read a turn; of one that is damaged nothing is known but that it is there."""
        try:
            told: Any = json.loads(content)
            found = (plain(str(told[name])) for name in ("since", "by", "id"))
            return cls(*found)
        except (ValueError, TypeError, KeyError, RecursionError):
            return cls(_UNKNOWN, _UNKNOWN)

    @property
    def age(self) -> timedelta | None:
        """How long ago it began; None where it does not say when."""
        try:
            return datetime.now(UTC) - datetime.strptime(self.since, _TIME).replace(tzinfo=UTC)
        except ValueError:
            return None

    def content(self) -> bytes:
        """Give what is stored."""
        return json.dumps(asdict(self)).encode()


def turn_location(settings: Settings, node: StackNode) -> StateLocation:
    """Give the place of a stack's turn: beside its state."""
    state = state_location(settings, node)
    return replace(state, key=f"{settings.environment}/{node.name}.turn")


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        # A container may have a user without a name.
        return str(os.getuid())
