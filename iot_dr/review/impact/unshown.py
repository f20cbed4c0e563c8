"""What plans destroy or replace that an earlier review, that of the pull request, did not show."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

import msgspec

from iot_dr.common.plain_text import plain
from iot_dr.common.regular_file import open_regular
from iot_dr.common.user_error import UsageError
from iot_dr.review.impact.review import Attention, Review
from iot_dr.review.read.stack_review import ResourceChange
from iot_dr.rules.rule import Verdict
from iot_dr.terraform_json.change import Action

_ENDING: Final[dict[Action | None, str]] = {Action.DESTROY: "destroyed", Action.REPLACE: "replaced"}
_LARGEST: Final = 512 * 1024 * 1024
_NULL_DEVICE: Final = Path(os.devnull)


class ShownError(UsageError):
    """The earlier review is none, or of something else; the message names the file."""


class _Change(msgspec.Struct, frozen=True):
    address: str
    action: str | None
    deposed: str = ""


class _Stack(msgspec.Struct, frozen=True):
    name: str
    changes: tuple[_Change, ...]


class ShownReview(msgspec.Struct, frozen=True, kw_only=True):
    """What of an earlier review's JSON tells which changes it showed."""

    format: Literal[1]
    environment: str | None
    stacks: tuple[_Stack, ...]


def read_shown(file: Path) -> ShownReview:
    """Read the JSON of a review; an empty file shows nothing, and so does /dev/null.

    Raises ShownError for a file that cannot be read, is no regular file, is too large, or is no
    review.
    """
    name = plain(str(file))
    try:
        content = b"" if file == _NULL_DEVICE else _content(file)
    except OSError as error:
        raise ShownError(f"{name}: cannot be read: {error.strerror}") from None
    if len(content) > _LARGEST:
        raise ShownError(f"{name}: is larger than {_LARGEST // 1024**2} MiB")
    if not content.strip():
        return ShownReview(format=1, environment=None, stacks=())
    try:
        return msgspec.json.decode(content, type=ShownReview)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        message = f"{name}: is no review in JSON, as `iot-dr review --format json` gives one"
        raise ShownError(f"{message}: {plain(str(error))}") from None


def _content(file: Path) -> bytes:
    with open_regular(file) as opened:
        return opened.read(_LARGEST + 1)


def unshown(review: Review, shown: ShownReview) -> tuple[ResourceChange, ...]:
    """Return what is destroyed or replaced and was not shown to be so, in the plans' order."""
    before = {
        (stack.name, change.address, change.deposed, change.action)
        for stack in shown.stacks
        for change in stack.changes
    }
    return tuple(
        change
        for stack in review.stacks
        for change in stack.changes
        if change.action is not None
        and change.action in _ENDING
        and (stack.name, change.address, change.deposed, change.action.value) not in before
    )


def with_unshown(review: Review, shown: ShownReview) -> Review:
    """Return the review with what was not shown in front of all that needs eyes; that blocks.

    Raises ShownError when the two are of different environments.
    """
    if None not in {shown.environment, review.environment} and (
        shown.environment != review.environment
    ):
        message = f"the earlier review is of {plain(shown.environment or '')}, this one is of"
        raise ShownError(f"{message} {review.environment}")
    changes = unshown(review, shown)
    if not changes:
        return review
    found = set(changes)
    rest = tuple(each for each in review.attention if each.change not in found)
    return replace(
        review,
        verdict=Verdict.BLOCK,
        reason=_reason(changes),
        attention=(*_attention(review, changes), *rest),
    )


def _reason(changes: tuple[ResourceChange, ...]) -> str:
    first, more = changes[0], len(changes) - 1
    others = f", and {more} more" if more else ""
    return (
        f"the pull request did not show that {first.address} in {first.stack} is"
        f" {_done(first)}{others}"
    )


def _attention(review: Review, changes: tuple[ResourceChange, ...]) -> Iterator[Attention]:
    known = {each.change: each for each in review.attention}
    for change in changes:
        why = f"the pull request did not show that it is {_done(change)}"
        if there := known.get(change):
            yield replace(there, verdict=Verdict.BLOCK, why=f"{why}; {there.why}")
            continue
        forcing = tuple(each for each in change.diffs if each.forces)
        yield Attention(
            verdict=Verdict.BLOCK,
            subject=change.address,
            why=why,
            change=change,
            attributes=forcing,
        )


def _done(change: ResourceChange) -> str:
    return _ENDING.get(change.action, "")
