"""The names of policies that are referred to from other stacks."""

from typing import Final

from modules.context import Context

PATH: Final = "/iot-dr/"
"""The path of every role and policy of a pipeline."""
POLICY_NAME_LIMIT: Final = 128
"""docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""


def function_boundary_name(context: Context) -> str:
    """Name the boundary for functions' roles, the same whichever region is home."""
    return context.name("function-boundary", POLICY_NAME_LIMIT)


def function_boundary_arn(context: Context, account_id: str) -> str:
    """Return the ARN of the boundary for functions' roles, which is in the state's stack."""
    return policy_arn(account_id, function_boundary_name(context))


def policy_arn(account_id: str, name: str) -> str:
    """Return the ARN of a policy below the path of pipelines."""
    return f"arn:aws:iam::{account_id}:policy{PATH}{name}"
