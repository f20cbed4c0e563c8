"""Finds destroyed and replaced resources that an earlier review did not show as such.

The earlier review is the one of the pull request, which people approved.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

import msgspec

from iot_dr.common.plain_text import plain
from iot_dr.common.regular_file import open_regular
from iot_dr.common.user_error import UsageError
from iot_dr.review.impact.review import DeviceChange, Review
from iot_dr.review.read.stack_review import ResourceChange
from iot_dr.rules.rule import Verdict
from iot_dr.terraform_json.change import Action

_VERBS: Final[dict[Action | None, str]] = {Action.DESTROY: "destroyed", Action.REPLACE: "replaced"}
_MAX_BYTES: Final = 512 * 1024 * 1024
_NULL_DEVICE: Final = Path(os.devnull)


class EarlierReviewError(UsageError):
    """The earlier review cannot be read, or is of another environment."""


class _Change(msgspec.Struct, frozen=True):
    address: str
    action: str | None
    deposed: str = ""


class _Stack(msgspec.Struct, frozen=True):
    name: str
    changes: tuple[_Change, ...]


class EarlierReview(msgspec.Struct, frozen=True, kw_only=True):
    """The changes in the JSON of an earlier review."""

    format: Literal[1]
    environment: str | None
    stacks: tuple[_Stack, ...]


def read_earlier_review(file: Path) -> EarlierReview:
    """Read a review in JSON; an empty file or /dev/null is a review without changes.

    Raises EarlierReviewError if the file cannot be read, is not a regular file, is larger than
    512 MiB, or is not a review.
    """
    name = plain(str(file))
    try:
        content = b"" if file == _NULL_DEVICE else _content(file)
    except OSError as error:
        raise EarlierReviewError(f"{name}: cannot be read: {error.strerror}") from None
    if len(content) > _MAX_BYTES:
        raise EarlierReviewError(f"{name}: larger than {_MAX_BYTES // 1024**2} MiB")
    if not content.strip():
        return EarlierReview(format=1, environment=None, stacks=())
    try:
        return msgspec.json.decode(content, type=EarlierReview)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        message = f"{name}: not a review in JSON, as `iot-dr review --format json` prints it"
        raise EarlierReviewError(f"{message}: {plain(str(error))}") from None


def _content(file: Path) -> bytes:
    with open_regular(file) as opened:
        return opened.read(_MAX_BYTES + 1)


def unreviewed_changes(review: Review, earlier: EarlierReview) -> tuple[ResourceChange, ...]:
    """Return the changes that destroy or replace a resource and that `earlier` does not show."""
    shown = {
        (stack.name, change.address, change.deposed, change.action)
        for stack in earlier.stacks
        for change in stack.changes
    }
    return tuple(
        change
        for stack in review.stacks
        for change in stack.changes
        if change.action is not None
        and change.action in _VERBS
        and (stack.name, change.address, change.deposed, change.action.value) not in shown
    )


def block_unreviewed(review: Review, earlier: EarlierReview) -> Review:
    """Return the review with verdict `block` and its unreviewed changes first, if it has any.

    Those are changes that the earlier review, the pull request's, did not show. Raises
    EarlierReviewError if the two are of different environments.
    """
    if None not in {earlier.environment, review.environment} and (
        earlier.environment != review.environment
    ):
        message = f"the earlier review is of {plain(earlier.environment or '')}, this one is of"
        raise EarlierReviewError(f"{message} {review.environment}")
    changes = unreviewed_changes(review, earlier)
    if not changes:
        return review
    unreviewed = set(changes)
    rest = tuple(each for each in review.device_changes if each.change not in unreviewed)
    return replace(
        review,
        verdict=Verdict.BLOCK,
        reason=_reason(changes),
        device_changes=(*_blocked(review, changes), *rest),
    )


def _reason(changes: tuple[ResourceChange, ...]) -> str:
    first, more = changes[0], len(changes) - 1
    others = f", and {more} more" if more else ""
    return (
        f"the pull request did not show that {first.address} in {first.stack} is"
        f" {_VERBS.get(first.action, '')}{others}"
    )


def _blocked(review: Review, changes: tuple[ResourceChange, ...]) -> Iterator[DeviceChange]:
    known = {device_change.change: device_change for device_change in review.device_changes}
    for change in changes:
        why = f"the pull request did not show that it is {_VERBS.get(change.action, '')}"
        if device_change := known.get(change):
            yield replace(device_change, verdict=Verdict.BLOCK, why=f"{why}; {device_change.why}")
            continue
        yield DeviceChange(
            verdict=Verdict.BLOCK,
            subject=change.address,
            why=why,
            change=change,
            attributes=tuple(diff for diff in change.diffs if diff.forces),
        )
