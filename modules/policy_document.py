"""The JSON of a policy, for IAM, IoT and resources."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

_VERSION = "2012-10-17"


def policy_document(statements: Sequence[Mapping[str, Any]]) -> str:
    """Write statements as a policy in the language's current version.

    docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
    """
    return json.dumps({"Version": _VERSION, "Statement": list(statements)})


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
