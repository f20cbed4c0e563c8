"""The permissions of all resource types, and the attribute that identifies a resource to IAM."""

from collections.abc import Mapping
from typing import Final

from modules.permissions.compute import COMPUTE
from modules.permissions.identities import IDENTITIES
from modules.permissions.iot import IOT
from modules.permissions.monitoring import MONITORING
from modules.permissions.names import NAMES
from modules.permissions.permission import Permission
from modules.permissions.storage import STORAGE

Catalogue = Mapping[str, tuple[Permission, ...]]
"""Permissions by resource type."""

CATALOGUE: Final[Catalogue] = {
    **COMPUTE,
    **IDENTITIES,
    **IOT,
    **MONITORING,
    **NAMES,
    **STORAGE,
}
"""Permissions by resource type.

A data source has those of the type that it reads, or of `{type}_lookup` if it searches by name
among all resources of the account.
"""

_NAMED_BY: Final = {
    "aws_acm_certificate": "domain_name",
    "aws_cloudwatch_dashboard": "dashboard_name",
    "aws_cloudwatch_event_target": "rule",
    "aws_cloudwatch_metric_alarm": "alarm_name",
    "aws_iam_role_policy": "role",
    "aws_iam_role_policy_attachment": "role",
    "aws_sqs_queue_policy": "queue_url",
}
_NAMED_BY_FAMILY: Final = {"aws_lambda_": "function_name", "aws_s3_bucket": "bucket"}


def name_attribute(type_: str) -> str:
    """Return the attribute that fills `{name}` in a type's permissions, or refers to it."""
    families = (name for family, name in _NAMED_BY_FAMILY.items() if type_.startswith(family))
    return _NAMED_BY.get(type_) or next(families, "name")
