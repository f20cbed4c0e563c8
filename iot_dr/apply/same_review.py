"""Holds plans against the review that was read, and agreed to."""

from pathlib import Path
from typing import Any

import msgspec

from environments.settings import Settings
from iot_dr.plain_text import plain
from iot_dr.review.folder import plan_source
from iot_dr.review.render import json_document
from iot_dr.review.reviewing import review
from iot_dr.user_error import UsageError, UserError


class OtherReviewError(UserError):
    """The plans would be reviewed differently than the review says."""


class _Stack(msgspec.Struct, frozen=True):
    name: str
    status: str
    changes: list[dict[str, Any]]
    outputs: list[dict[str, Any]]


class _Review(msgspec.Struct, frozen=True):
    environment: str | None
    provider: str | None
    stacks: tuple[_Stack, ...]


def refuse_other_review(plans: Path, settings: Settings, file: Path) -> None:
    """Raise OtherReviewError unless these plans change what the review in `file` shows.

    Resources and outputs count, with each attribute before and after, as a reader sees them.

    Raises UsageError for a file that is no review, and for plans that cannot be read.
    """
    shown = _decoded(file)
    made = json_document.render(review(plan_source(plans), settings))
    now = msgspec.json.decode(made, type=_Review)
    if (shown.environment, shown.provider) != (now.environment, now.provider):
        raise OtherReviewError(f"{plain(str(file))}: is a review of other plans")
    before, after = ({each.name: each for each in made.stacks} for made in (shown, now))
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            message = (
                f"{name}: its plan is not what {plain(str(file))} shows; nothing is applied:"
                " review it, and have it approved, again"
            )
            raise OtherReviewError(message)


def _decoded(file: Path) -> _Review:
    try:
        return msgspec.json.decode(file.read_bytes(), type=_Review)
    except OSError as error:
        message = f"--review: {plain(str(file))}: cannot be read: {error.strerror}"
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        message = f"--review: {plain(str(file))}: is no review in JSON: {plain(str(error))}"
    raise UsageError(message)
