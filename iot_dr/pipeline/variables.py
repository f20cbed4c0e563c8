"""What the action that planned a wave hands on to the stages behind it."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import msgspec

from iot_dr.plain_text import plain
from iot_dr.regular_file import open_regular
from iot_dr.user_error import UsageError, UserError

# What a shell, JSON and the variables of CodePipeline, `#{...}`, all take as it stands.
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9 .,:;()/_+=@%*-]+")
# A question for an approval has 1,000 characters, and says more than this.
_LONGEST: Final = 300


class UnplannedError(UserError):
    """A stack of the review has no whole plan that could be approved."""


class _Stack(msgspec.Struct, frozen=True):
    name: str
    status: str
    changes: tuple[msgspec.Raw, ...]
    outputs: tuple[msgspec.Raw, ...]


class _Review(msgspec.Struct, frozen=True):
    """What of a review's JSON is handed on."""

    format: Literal[1]
    verdict: Literal["ok", "warn", "block"]
    reason: str
    stacks: tuple[_Stack, ...]


@dataclass(frozen=True, kw_only=True)
class Variables:
    """Whether a wave changes anything, resources or outputs, and what its review says."""

    has_changes: bool
    verdict: str
    reason: str

    @classmethod
    def read(cls, file: Path) -> "Variables":
        """Take them from the JSON of a review.

        Raises:
            UsageError: the file cannot be read, or is no review.
            UnplannedError: a stack was not planned: it must not pass for one without changes.
        """
        review = _decoded(file)
        if unplanned := [each for each in review.stacks if each.status != "planned"]:
            told = ", ".join(f"{plain(each.name)} is {plain(each.status)}" for each in unplanned)
            message = f"{plain(str(file))}: {told}: there is no whole plan to approve"
            raise UnplannedError(message)
        return cls(
            has_changes=any(each.changes or each.outputs for each in review.stacks),
            verdict=review.verdict,
            reason=_safe(review.reason),
        )

    def lines(self) -> Iterator[str]:
        """Give `NAME=value` for each, as a shell reads it."""
        yield f"HAS_CHANGES={str(self.has_changes).lower()}"
        yield f"VERDICT={self.verdict}"
        yield f"REASON={shlex.quote(self.reason)}"


def _safe(text: str) -> str:
    line = " ".join(_UNSAFE.sub(" ", text).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3].rstrip()}..."


def _decoded(file: Path) -> _Review:
    told = plain(str(file))
    try:
        with open_regular(file) as opened:
            return msgspec.json.decode(opened.read(), type=_Review)
    except OSError as error:
        raise UsageError(f"{told}: cannot be read: {error.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        message = f"{told}: is no review in JSON, as `iot-dr review --out` writes one"
        raise UsageError(f"{message}: {plain(str(error))}") from None
