"""The JSON of a policy, for IAM, IoT and resources."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

_VERSION = "2012-10-17"
_NO_REFERENCES: Mapping[str, str] = {}


def policy_document(statements: Sequence[Mapping[str, Any]]) -> str:
    """Write statements as a policy in the language's current version.

    docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
    """
    return json.dumps({"Version": _VERSION, "Statement": list(statements)})


def length_of(
    statements: Sequence[Mapping[str, Any]], resolved: Mapping[str, str] = _NO_REFERENCES
) -> int:
    """Count a policy's characters as IAM does, which leaves white space out.

    `resolved` has, for each reference in the statements, a value as long as AWS's will be.
    docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    document = json.loads(policy_document(statements))
    text = json.dumps(document, separators=(",", ":"))
    for reference, value in resolved.items():
        text = text.replace(reference, value)
    return len(text)


def administered_by(account_id: str) -> dict[str, Any]:
    """Give the statement of a key's policy without which nobody could administer the key.

    docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    return {
        "Sid": "AccountAdministers",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account_id}:root"},
        "Action": "kms:*",
        # In a key's policy this is the key itself.
        "Resource": "*",
    }


def tls_only(action: str, resource: str | list[str]) -> dict[str, Any]:
    """Give the statement of a resource's policy that refuses whoever comes without TLS.

    docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    return {
        "Sid": "DenyPlainHttp",
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": resource,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
