"""Types of resources whose names AWS gives out once: how to look for one, and how to remove it."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedKind:
    """How to look for a resource by its name; `free` are the codes if there is none.

    `removal` are the commands that delete it, with {name} and {region}.
    """

    noun: str
    argument: str
    service: str
    method: str
    parameter: str
    free: frozenset[str]
    removal: tuple[str, ...] = ()


KINDS: Final = {
    "aws_s3_bucket": NamedKind(
        noun="bucket",
        argument="bucket",
        service="s3",
        method="head_bucket",
        parameter="Bucket",
        free=frozenset(("404",)),
    ),
    "aws_dynamodb_table": NamedKind(
        noun="table",
        argument="name",
        service="dynamodb",
        method="describe_table",
        parameter="TableName",
        free=frozenset(("ResourceNotFoundException",)),
    ),
    "aws_iam_role": NamedKind(
        noun="role",
        argument="name",
        service="iam",
        method="get_role",
        parameter="RoleName",
        free=frozenset(("NoSuchEntity",)),
        # IAM deletes no role with policies:
        # docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html
        removal=(
            (
                "aws iam list-attached-role-policies --role-name {name}"
                " --query 'AttachedPolicies[].PolicyArn' --output text"
                " | xargs -r -n 1 aws iam detach-role-policy --role-name {name} --policy-arn"
            ),
            (
                "aws iam list-role-policies --role-name {name}"
                " --query 'PolicyNames[]' --output text"
                " | xargs -r -n 1 aws iam delete-role-policy --role-name {name} --policy-name"
            ),
            "aws iam delete-role --role-name {name}",
        ),
    ),
    "aws_lambda_function": NamedKind(
        noun="function",
        argument="function_name",
        service="lambda",
        method="get_function_configuration",
        parameter="FunctionName",
        free=frozenset(("ResourceNotFoundException",)),
        removal=("aws lambda delete-function --function-name {name} --region {region}",),
    ),
}
KINDS_OF_ABANDONED: Final = {
    "aws_iot_policy": NamedKind(
        noun="policy",
        argument="name",
        service="iot",
        method="get_policy",
        parameter="policyName",
        free=frozenset(("ResourceNotFoundException",)),
        # Refused while it is attached: then devices are registered there.
        removal=("aws iot delete-policy --policy-name {name} --region {region}",),
    ),
    "aws_iot_domain_configuration": NamedKind(
        noun="domain configuration",
        argument="name",
        service="iot",
        method="describe_domain_configuration",
        parameter="domainConfigurationName",
        free=frozenset(("ResourceNotFoundException",)),
        removal=(
            (
                "aws iot update-domain-configuration --domain-configuration-name {name}"
                " --domain-configuration-status DISABLED --region {region}"
            ),
            (
                "aws iot delete-domain-configuration --domain-configuration-name {name}"
                " --region {region}"
            ),
        ),
    ),
    "aws_cloudwatch_log_group": NamedKind(
        noun="log group",
        argument="name",
        service="logs",
        method="describe_log_streams",
        parameter="logGroupName",
        free=frozenset(("ResourceNotFoundException",)),
        removal=("aws logs delete-log-group --log-group-name {name} --region {region}",),
    ),
}
"""Kinds that are looked for only in a region that was abandoned: an adopted one has them."""
