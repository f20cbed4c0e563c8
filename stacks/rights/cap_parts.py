"""Parts that the boundaries have alike."""

from typing import Any

from stacks.rights.estate import ROUTE53_REGION, Estate
from stacks.rights.policy import Statement, deny

_MAKING_KEYS = ("kms:CreateKey", "kms:PutKeyPolicy", "kms:TagResource")
# A key's id does not tell whose it is, and more hangs on it than on a check or an API.
_OF_OWN_KEYS = (
    *("kms:*ableKeyRotation", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*"),
    *("kms:PutKeyPolicy", "kms:ReEncrypt*", "kms:ScheduleKeyDeletion", "kms:TagResource"),
    *("kms:UntagResource", "kms:UpdateKeyDescription"),
)
BOUNDED = ("iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy")
_RECORDS = ("route53:ChangeResourceRecordSets",)


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


def keys_and_records(estate: Estate) -> list[Statement]:
    """Allow what is told by tags, or by names in a request: keys, and records of the zone."""
    ours = _tags(estate, "Resource")
    # A new key has no tags yet, and one with the tags of others does not become ours.
    becomes_ours = {"StringEquals": _tags(estate, "Request"), "StringEqualsIfExists": ours}
    keys = [f"arn:aws:kms:*:{estate.account_id}:key/*"]
    return [
        allow(_MAKING_KEYS, ["*"], becomes_ours),
        allow(_OF_OWN_KEYS, keys, {"StringEquals": ours}),
        allow(_RECORDS, ["arn:aws:route53:::hostedzone/*"], _own_names(estate)),
    ]


def _own_names(estate: Estate) -> dict[str, Any]:
    key = "route53:ChangeResourceRecordSetsNormalizedRecordNames"
    names = [estate.zone_name, f"*.{estate.zone_name}"]
    # With no value at all, a condition for all values would hold.
    return {"ForAllValues:StringLike": {key: names}, "Null": {key: "false"}}


def _tags(estate: Estate, whose: str) -> dict[str, str]:
    context = estate.context
    return {
        f"aws:{whose}Tag/Project": context.project,
        f"aws:{whose}Tag/Environment": context.environment,
    }


def by(estate: Estate, roles: str) -> dict[str, Any]:
    """Hold only for the roles of a name, which may have stars."""
    return {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{estate.account_id}:role/{roles}"}}


def log_of(estate: Estate, what: str) -> str:
    """Give the ARN of the streams in the logs of functions of a name, which may have stars."""
    group = f"/aws/lambda/{estate.context.name(what)}"
    return f"arn:aws:logs:*:{estate.account_id}:log-group:{group}:*"


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
