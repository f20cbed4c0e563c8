"""One digest for the plans of a wave and their review: what is approved is what is applied."""

from pathlib import Path

from iot_dr.common.plain_text import plain
from iot_dr.common.regular_file import open_regular
from iot_dr.common.user_error import UsageError
from iot_dr.delivery.apply.kept import AGAIN, ChangedPlanError
from iot_dr.terraform_json import plan_manifest
from iot_dr.terraform_json.plan_manifest import sha256


def plans_sha256(plans: Path, review: Path) -> str:
    """Give the SHA-256 over those of the manifest, which has one of each plan, and of the review.

    Raises UsageError when one of them cannot be read.
    """
    digests = (_of_file(plans / plan_manifest.FILE), _of_file(review))
    return sha256(" ".join(digests).encode())


def refuse_other_plans(plans: Path, review: Path, expected: str) -> None:
    """Raise ChangedPlanError unless plans and review are the ones with this digest."""
    if (found := plans_sha256(plans, review)) == expected:
        return
    message = (
        f"{plain(str(plans))}, {plain(str(review))}: are not what was planned and approved: their"
        f" SHA-256 is {found}, and {plain(expected) or 'an empty one'} was expected; {AGAIN}"
    )
    raise ChangedPlanError(message)


def _of_file(file: Path) -> str:
    try:
        with open_regular(file) as opened:
            return sha256(opened.read())
    except OSError as error:
        message = f"{plain(str(file))}: cannot be read: {error.strerror}"
        raise UsageError(message) from None
