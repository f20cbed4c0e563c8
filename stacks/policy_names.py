"""Names of policies that several stacks refer to."""

from typing import Final

from modules.context import Context
from modules.name_limits import IAM_POLICY_NAME_LIMIT

PATH: Final = "/iot-dr/"
"""The path of the roles and policies of pipelines."""


def function_boundary_name(context: Context) -> str:
    """Return the name of the functions' boundary, which does not depend on the home region."""
    return context.name("function-boundary", IAM_POLICY_NAME_LIMIT)


def function_boundary_arn(context: Context, account_id: str) -> str:
    """Return the ARN of the functions' boundary, which is in the state backend's stack."""
    return policy_arn(account_id, function_boundary_name(context))


def policy_arn(account_id: str, name: str) -> str:
    """Return the ARN of a policy with the path of pipelines."""
    return f"arn:aws:iam::{account_id}:policy{PATH}{name}"
