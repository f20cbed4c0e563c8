"""The manifest that `iot-dr plan --out` writes next to the plans."""

import hashlib
from collections import Counter
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec

from iot_dr.common.output_folder import MANIFEST
from iot_dr.common.plain_text import plain
from iot_dr.common.regular_file import KeptFile, open_regular
from iot_dr.common.user_error import UsageError
from modules.stack_names import Role

_LARGEST: Final = 4 * 1024 * 1024

Status = Literal["planned", "failed", "waiting"]
_Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,200}\Z")]
_Hash = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]


class ManifestError(UsageError):
    """The manifest is not valid; the message names the file and the problem."""


class BaseRevision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The revision that the plans are compared with: `ref` as given, and its commit."""

    ref: str
    commit: str


class RecoveryForecast(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Seconds until 50 % and 99 % of the devices are back, and the bound; see `iot-dr rto`."""

    p50: float
    p99: float
    bound: float


class RecoveryTimes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The predicted recovery with the base's settings (None if unknown), and with the new ones.

    `target` is the recovery time objective in seconds.
    """

    before: RecoveryForecast | None
    after: RecoveryForecast
    target: float


class Point(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The recovery point, in seconds.

    Device states that only a lost region has: typically (`states`), and until an alarm is raised
    (`unnoticed`). `registry` is the longest time until a registry change without an event is found,
    `stream` the longest outage before the region's stream expires, and `restore` the period to
    which tables can be restored.
    """

    states: float
    unnoticed: float
    registry: float
    stream: float
    restore: float


class Points(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The recovery points with the base's settings and the new ones; None if no data is replicated.

    `is_compared` means that the base's settings are known.
    """

    before: Point | None
    after: Point | None
    is_compared: bool


class StateVersion(msgspec.Struct, frozen=True):
    """Identifies a version of a state by lineage and serial.

    Without a state, Terraform plans with an empty lineage and serial 0.
    """

    lineage: str
    serial: int

    @classmethod
    def read(cls, content: bytes | None) -> "StateVersion":
        """Read the version from a state's content, which is None if there is no state.

        Raises msgspec.DecodeError or UnicodeDecodeError for content that is not a state.
        """
        return msgspec.json.decode(content, type=cls) if content is not None else cls("", 0)


class PlannedStack(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One stack, with the SHA-256 of `{name}.tfplan` and `{name}.json` if it was planned.

    `state` is the state version that the plan is based on. `was_left` means that an earlier apply
    failed part-way (ADR 0020), so the stack must be applied even if its plan is empty. `ahead`
    names a stack of a later wave with such a failed apply, which goes first: until then a rollout
    skips this stack.
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
    """The plans of one environment from one run of `iot-dr plan`.

    `wave` is set if only that wave was planned, on deployed states; with the stand-in, only such
    plans use a sandbox that is kept. `dropped` are stacks of the base that the settings no longer
    have: no plan destroys their resources.
    """

    format: Literal[1]
    environment: _Name
    provider: Literal["standin", "aws"]
    wave: int | None = None
    base: BaseRevision | None
    stacks: tuple[PlannedStack, ...]
    dropped: tuple[_Name, ...] = ()
    recovery: RecoveryTimes | None = None
    recovery_point: Points | None = None

    @classmethod
    def read(cls, folder: Path) -> "PlanManifest | None":
        """Read the manifest of a folder; None if there is none.

        Raises ManifestError if the file is unreadable, too large or not valid.
        """
        file = manifest_file(folder)
        return None if file is None else cls.parse(file)

    @classmethod
    def parse(cls, file: KeptFile) -> "PlanManifest":
        """Parse a manifest; raises ManifestError if it is not valid."""
        name = plain(str(file.path))
        try:
            manifest = msgspec.json.decode(file.content, type=cls)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            message = f"{name}: is not a manifest of `iot-dr plan --out`: {plain(str(error))}"
            raise ManifestError(message) from None
        names = [stack.name for stack in manifest.stacks]
        if twice := sorted(each for each, count in Counter(names).items() if count > 1):
            raise ManifestError(f"{name}: lists {', '.join(twice)} more than once")
        return manifest

    def encoded(self) -> bytes:
        """Return the content of the file."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"


def manifest_file(folder: Path) -> KeptFile | None:
    """Read the file of a folder's manifest; None if there is none.

    Raises ManifestError if it is unreadable or too large.
    """
    file = folder / MANIFEST
    try:
        with open_regular(file) as opened:
            content = opened.read(_LARGEST + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ManifestError(f"{plain(str(file))}: cannot be read: {error.strerror}") from None
    if len(content) > _LARGEST:
        raise ManifestError(f"{plain(str(file))}: is larger than {_LARGEST // 1024**2} MiB")
    return KeptFile(file, content)


def sha256(content: bytes) -> str:
    """Return the SHA-256 of content, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
