"""Parts that the boundaries have alike."""

from typing import Any

from stacks.rights.estate import ROUTE53_REGION, Estate
from stacks.rights.policy import Statement, deny

MAKING_KEYS = ("kms:CreateKey", "kms:PutKeyPolicy", "kms:TagResource")
# A key's id does not tell whose it is, and more hangs on it than on a check or an API.
OF_OWN_KEYS = (
    *("kms:*ableKeyRotation", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*"),
    *("kms:PutKeyPolicy", "kms:ReEncrypt*", "kms:ScheduleKeyDeletion", "kms:TagResource"),
    *("kms:UntagResource", "kms:UpdateKeyDescription"),
)
BOUNDED = ("iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy")
RECORDS = ("route53:ChangeResourceRecordSets",)


def within(estate: Estate) -> dict[str, Any]:
    """Hold only in the environment's regions, and where global services answer."""
    return {"StringEquals": {"aws:RequestedRegion": _regions(estate)}}


def elsewhere(estate: Estate) -> Statement:
    """Deny every other region, once for all: every request has this key.

    docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    condition = {"StringNotEquals": {"aws:RequestedRegion": _regions(estate)}}
    return {**deny(("*",), ["*"]), "Condition": condition}


def _regions(estate: Estate) -> list[str]:
    return sorted({*estate.regions, ROUTE53_REGION})


def own_names(estate: Estate) -> dict[str, Any]:
    """Hold only for records of the environment's zone."""
    key = "route53:ChangeResourceRecordSetsNormalizedRecordNames"
    names = [estate.zone_name, f"*.{estate.zone_name}"]
    # With no value at all, a condition for all values would hold.
    return {"ForAllValues:StringLike": {key: names}, "Null": {key: "false"}}


def tags(estate: Estate, whose: str) -> dict[str, str]:
    """Give the environment's tags as a resource or a request has them."""
    context = estate.context
    return {
        f"aws:{whose}Tag/Project": context.project,
        f"aws:{whose}Tag/Environment": context.environment,
    }


def to(*services: str) -> dict[str, Any]:
    """Hold only for some services."""
    names = [f"{each}.amazonaws.com" for each in services]
    return {"StringEquals": {"iam:PassedToService": names}}


def with_boundary(arn: str) -> dict[str, Any]:
    """Hold only for roles with a boundary."""
    return {"ArnLike": {"iam:PermissionsBoundary": arn}}


def allow(
    actions: tuple[str, ...], resources: list[str], condition: dict[str, Any] | None = None
) -> Statement:
    """Write a statement that allows actions on resources."""
    statement = {"Effect": "Allow", "Action": sorted(actions), "Resource": sorted(resources)}
    return {**statement, "Condition": condition} if condition else statement
