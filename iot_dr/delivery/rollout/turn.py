"""The turn of a region: an object that says that a stack of it is changed now, or half-changed."""

import getpass
import json
import os
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from environments.settings import Settings
from iot_dr.common.plain_text import plain
from stacks.graph import StackNode
from stacks.state_location import StateLocation, state_location

_UNKNOWN = "unknown"
_TIME = "%Y-%m-%d %H:%M:%S UTC"


@dataclass(frozen=True, slots=True)
class Turn:
    """Since when (UTC) a stack is not whole, who changes it, and which of all turns this is.

    `is_left` says that nobody is at work any more, and the stack was left half-changed; `is_again`
    that somebody is, on what was left so.
    """

    since: str
    by: str
    id: str = _UNKNOWN
    is_left: bool = False
    is_again: bool = False

    @classmethod
    def now(cls, environ: Mapping[str, str] = os.environ) -> "Turn":
        """Give a turn that begins now: of this build, or of this user at this machine."""
        by = environ.get("CODEBUILD_BUILD_ID") or f"{_user()}@{socket.gethostname()}"
        return cls(f"{datetime.now(UTC):{_TIME}}", by, uuid4().hex)

    def after(self, earlier: "Turn") -> "Turn":
        """Give this turn as one that goes on with another, which left the stack half-changed."""
        return replace(self, since=earlier.since, is_again=True)

    @property
    def is_old(self) -> bool:
        """Whether the stack was left half-changed before, whoever is at work on it now."""
        return self.is_left or self.is_again

    @property
    def left(self) -> "Turn":
        """This turn, once nobody is at work any more."""
        return replace(self, is_left=True)

    @classmethod
    def read(cls, content: bytes) -> "Turn":
        """Read a turn; of one that is damaged nothing is known but that it is there."""
        try:
            told: Any = json.loads(content)
            since, by, id_ = (plain(str(told[name])) for name in ("since", "by", "id"))
            is_left, is_again = (told.get(name) is True for name in ("is_left", "is_again"))
            return cls(since, by, id_, is_left, is_again)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return cls(_UNKNOWN, _UNKNOWN)

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
