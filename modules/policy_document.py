"""The JSON documents of IAM, IoT and resource policies."""

from collections.abc import Mapping, Sequence
from typing import Any

from modules.json_text import compact_json

VERSION = "2012-10-17"
"""docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html"""
REQUESTED_REGION = "aws:RequestedRegion"
"""docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"""
DELETION_DAYS = 30
"""The maximum of a key: docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html"""
_NO_REFERENCES: Mapping[str, str] = {}


def policy_document(statements: Sequence[Mapping[str, Any]]) -> str:
    """Return a policy document with the statements, in the policy language's current version."""
    return compact_json({"Version": VERSION, "Statement": list(statements)})


def allow(
    sid: str,
    action: str | Sequence[str],
    resource: str | Sequence[str],
    condition: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    principal: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return a statement that allows actions; a resource policy's has a `principal`."""
    elements = {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": principal,
        "Action": action,
        "Resource": resource,
        "Condition": condition,
    }
    return {name: value for name, value in elements.items() if value is not None}


def trust(
    service: str, account_id: str, source_arn: str, matches: str = "ArnEquals"
) -> dict[str, Any]:
    """Return the statement that lets a service of AWS assume a role for one source.

    The conditions prevent use for another account's source:
    docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html.
    """
    condition = {
        "StringEquals": {"aws:SourceAccount": account_id},
        matches: {"aws:SourceArn": source_arn},
    }
    principal = {"Service": f"{service}.amazonaws.com"}
    trusted = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return {**trusted, "Condition": condition}


def policy_length(
    statements: Sequence[Mapping[str, Any]], resolved: Mapping[str, str] = _NO_REFERENCES
) -> int:
    """Return a policy's length in characters as IAM counts it, without white space.

    `resolved` maps each Terraform reference in the statements to a value of the length that AWS's
    will have. Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html.
    """
    text = policy_document(statements)
    for reference, value in resolved.items():
        text = text.replace(reference, value)
    return len(text)


def account_administers(account_id: str) -> dict[str, Any]:
    """Return the key policy statement that lets the account administer the key by IAM policies.

    Without it a key can become unmanageable:
    docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html.
    """
    # In a key policy, `*` is the key itself.
    return allow(
        "AccountAdministers", "kms:*", "*", principal={"AWS": f"arn:aws:iam::{account_id}:root"}
    )


def tls_only(action: str, resource: str | list[str]) -> dict[str, Any]:
    """Return the resource policy statement that denies requests without TLS.

    docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    (aws:SecureTransport)
    """
    return {
        "Sid": "DenyPlainHttp",
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": resource,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
