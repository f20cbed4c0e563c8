"""The lease of a region: an object that marks a stack as being changed or partially applied."""

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
from iot_dr.observe.switch.caller import UNKNOWN
from iot_dr.terraform_json.strict_json import parsed
from stacks.graph import StackNode
from stacks.state_location import StateLocation, state_location

_TIME = "%Y-%m-%d %H:%M:%S UTC"


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease: since when (UTC) a stack is not whole, who changes it, and a unique id.

    `is_left`: nobody is at work any more, and the stack is partially applied; `is_again`: somebody
    is at work on a stack that was left partially applied.
    """

    since: str
    by: str
    id: str = UNKNOWN
    is_left: bool = False
    is_again: bool = False

    @classmethod
    def now(cls, environ: Mapping[str, str] = os.environ) -> "Lease":
        """Return a lease that starts now, of this CodeBuild build or of this user and machine.

        docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html
        """
        by = environ.get("CODEBUILD_BUILD_ID") or f"{_user()}@{socket.gethostname()}"
        return cls(f"{datetime.now(UTC):{_TIME}}", by, uuid4().hex)

    def as_continuation_of(self, earlier: "Lease") -> "Lease":
        """Return this lease as the continuation of one that left the stack partially applied."""
        return replace(self, since=earlier.since, is_again=True)

    @property
    def is_partially_applied(self) -> bool:
        """Whether the stack was left partially applied before, even if somebody works on it now."""
        return self.is_left or self.is_again

    @property
    def abandoned(self) -> "Lease":
        """This lease, once nobody is at work any more."""
        return replace(self, is_left=True)

    @classmethod
    def read(cls, content: bytes) -> "Lease":
        """Parse a lease; the fields of a damaged one are unknown."""
        try:
            document: Any = parsed(content)
            since, by, id_ = (plain(str(document[name])) for name in ("since", "by", "id"))
            is_left, is_again = (document.get(name) is True for name in ("is_left", "is_again"))
            return cls(since, by, id_, is_left, is_again)
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls(UNKNOWN, UNKNOWN)

    def to_json(self) -> bytes:
        """Return the stored form."""
        return json.dumps(asdict(self)).encode()


def lease_location(settings: Settings, node: StackNode) -> StateLocation:
    """Return the location of a stack's lease: next to its state."""
    state = state_location(settings, node)
    return replace(state, key=f"{settings.environment}/{node.name}.turn")


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        # A container may have a user without a name.
        return str(os.getuid())
