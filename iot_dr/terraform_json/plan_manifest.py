"""What `iot-dr plan --out` tells of the plans that it keeps, in a file beside them."""

import hashlib
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec

from iot_dr.common.plain_text import plain
from iot_dr.common.regular_file import open_regular
from iot_dr.common.user_error import UsageError
from stacks.graph import Role

FILE: Final = "manifest.json"
"""The file's name."""

_LARGEST: Final = 4 * 1024 * 1024

Status = Literal["planned", "failed", "waiting"]
_Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,200}\Z")]
_Hash = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]


class ManifestError(UsageError):
    """The file is there and is none of ours; the message names it and what is wrong."""


class Base(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the plans are compared with: the name that was given, and the commit that it is."""

    ref: str
    commit: str


class Recovery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Seconds until half of the devices are back, until 99 % are, and the bound; see `rto`."""

    p50: float
    p99: float
    bound: float


class RecoveryTimes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The prediction by the settings of the base, None where there is none, and by these."""

    before: Recovery | None
    after: Recovery
    target: float


class Point(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The recovery point in seconds.

    Of device states that only a lost region has: as a rule (`states`), and until an alarm tells
    (`unnoticed`); until a registry change that no event told of is found (`registry`); for which
    the region may be away before its stream is lost (`stream`); to which tables can be restored.
    """

    states: float
    unnoticed: float
    registry: float
    stream: float
    restore: float


class Points(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The recovery points by the settings of the base and by these, None where no data is kept.

    `is_compared` says that there is a base whose settings are known.
    """

    before: Point | None
    after: Point | None
    is_compared: bool


class StateVersion(msgspec.Struct, frozen=True):
    """What tells a state from every other: whose it is, and which of all that it has been.

    Where there is no state yet, Terraform plans on one of an empty lineage.
    """

    lineage: str
    serial: int

    @classmethod
    def read(cls, content: bytes | None) -> "StateVersion":
        """Read a state, None for none.

        Raises msgspec.DecodeError or UnicodeDecodeError for what is no state.
        """
        return msgspec.json.decode(content, type=cls) if content is not None else cls("", 0)


class PlannedStack(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One stack, and the SHA-256 of its `{name}.tfplan` and `{name}.json` where it was planned.

    `state` is what it was planned on. `was_left` says that an apply before had left it half-changed
    (ADR 0020): it has to be applied even if its plan is empty. `ahead` names the stack of a later
    wave that was left so, and goes first: until then a rollout passes this one by.
    """

    name: _Name
    what: str
    region: str
    role: Role | None
    wave: int
    status: Status
    waits_for: tuple[_Name, ...] = ()
    error: str = ""
    plan_sha256: _Hash | None = None
    json_sha256: _Hash | None = None
    state: StateVersion | None = None
    was_left: bool = False
    ahead: _Name | None = None


class PlanManifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The plans of one environment that were made together.

    `wave` is the one that they are of where it was planned by itself, on what stands: with the
    stand-in, only such plans are of a sandbox that is kept.
    `dropped` are the stacks that the base has and these settings do not: no plan destroys what
    stands in them.
    """

    format: Literal[1]
    environment: _Name
    provider: Literal["standin", "aws"]
    wave: int | None = None
    base: Base | None
    stacks: tuple[PlannedStack, ...]
    dropped: tuple[_Name, ...] = ()
    recovery: RecoveryTimes | None = None
    recovery_point: Points | None = None

    @classmethod
    def read(cls, folder: Path) -> "PlanManifest | None":
        """Read the manifest of a folder; None where there is none.

        Raises ManifestError when the file cannot be read, is too large, or not of this form.
        """
        file = folder / FILE
        try:
            with open_regular(file) as opened:
                content = opened.read(_LARGEST + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ManifestError(f"{_told(file)}: cannot be read: {error.strerror}") from None
        if len(content) > _LARGEST:
            raise ManifestError(f"{_told(file)}: is larger than {_LARGEST // 1024**2} MiB")
        try:
            manifest = msgspec.json.decode(content, type=cls)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            message = f"{_told(file)}: is not what `iot-dr plan --out` writes: {plain(str(error))}"
            raise ManifestError(message) from None
        names = [stack.name for stack in manifest.stacks]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ManifestError(f"{_told(file)}: names {', '.join(twice)} more than once")
        return manifest

    def encoded(self) -> bytes:
        """Give the file's content."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"


def sha256(content: bytes) -> str:
    """Give the SHA-256 of a file's content, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _told(file: Path) -> str:
    return plain(str(file))
