"""Compares plans with the review that was approved."""

from pathlib import Path
from typing import Any

import msgspec

from environments.settings import Settings
from iot_dr.common.plain_text import plain
from iot_dr.common.regular_file import KeptFile
from iot_dr.common.user_error import UsageError, UserError
from iot_dr.generate.expectation import design_expectation
from iot_dr.review.impact.plan_review import review
from iot_dr.review.read.folder import plan_source
from iot_dr.review.read.stack_reader import open_plan
from iot_dr.review.render import json_document
from iot_dr.terraform_json.plan.masks import Masking
from iot_dr.terraform_json.plan_manifest import PlanManifest


class ReviewMismatchError(UserError):
    """The plans differ from the approved review."""


class _Stack(msgspec.Struct, frozen=True):
    name: str
    status: str
    problem: str
    changes: list[dict[str, Any]]
    outputs: list[dict[str, Any]]
    warnings: tuple[str, ...]


class _Review(msgspec.Struct, frozen=True):
    environment: str | None
    provider: str | None
    stacks: tuple[_Stack, ...]


def refuse_unless_reviewed(
    plans: Path, settings: Settings, file: KeptFile, manifest: PlanManifest | None = None
) -> None:
    """Raise ReviewMismatchError unless these plans change what the review in `file` shows.

    The folder's `manifest` is read unless given.

    Resources and outputs are compared, with each attribute before and after as the review renders
    them, and each stack's status, problem and warnings; drift is not. A plan that does something no
    review shows is refused, even if approved. Raises UsageError if the file is not a review, and
    what `plan_source` raises if the plans cannot be read.
    """
    shown = _decoded(file)
    source = plan_source(plans, manifest)
    rendered = json_document.render(review(source, design_expectation(settings)))
    for stack in source.stacks:
        if stack.file is not None and (unseen := _unseen(stack.file)):
            raise ReviewMismatchError(f"{stack.name}: nothing is applied: {unseen}")
    now = msgspec.json.decode(rendered, type=_Review)
    if (shown.environment, shown.provider) != (now.environment, now.provider):
        raise ReviewMismatchError(f"{plain(str(file.path))}: is a review of other plans")
    before, after = ({each.name: each for each in document.stacks} for document in (shown, now))
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            differs = _differs(plain(str(file.path)), name in before, name in after)
            message = f"{name}: {differs}; nothing is applied: review just these plans, and"
            raise ReviewMismatchError(f"{message} have them approved, again")


def _differs(review: str, is_shown: bool, is_planned: bool) -> str:
    if not is_planned:
        return f"{review} shows it, and it is not in these plans, which may be of one wave"
    return f"its plan is not what {review} shows" if is_shown else f"{review} does not show it"


def _unseen(plan: Path) -> str:
    """Return what a plan does and no review shows; "" if there is nothing."""
    read = open_plan(plan.read_bytes(), Masking())
    if read.invoked or read.invoked_later:
        return "its plan invokes actions of providers, and no review shows what they do"
    unknown = sorted(each.fields.change.actions for each in read.changes if not each.is_known)
    if unknown:
        return (
            f"its plan has actions that a review cannot describe: {', '.join(unknown[0]) or 'none'}"
        )
    return ""


def _decoded(file: KeptFile) -> _Review:
    try:
        return msgspec.json.decode(file.content, type=_Review)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        name = plain(str(file.path))
        message = f"--review: {name}: must be a review in JSON: {plain(str(error))}"
        raise UsageError(message) from None
