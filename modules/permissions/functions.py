"""Permissions on functions, their logs and schedules, and the API before them."""

from collections.abc import Mapping
from typing import Final

from modules.permissions.permission import BEING_TAGGED, TAGGED, Permission

_FUNCTION = ("arn:aws:lambda:{region}:{account}:function:{name}",)
_LOG_GROUP = (
    "arn:aws:logs:{region}:{account}:log-group:{name}",
    "arn:aws:logs:{region}:{account}:log-group:{name}:*",
)
_RULE = ("arn:aws:events:{region}:{account}:rule/{name}",)
_APIS = "arn:aws:apigateway:{region}::/apis"
_CHANGE = ("apigateway:DELETE", "apigateway:PATCH", "apigateway:POST", "apigateway:PUT")

FUNCTIONS: Final[Mapping[str, tuple[Permission, ...]]] = {
    "aws_lambda_function": (
        Permission(
            resources=_FUNCTION,
            read=(
                "lambda:GetFunction*",
                "lambda:ListTags",
                "lambda:ListVersionsByFunction",
            ),
            write=(
                "lambda:CreateFunction",
                "lambda:DeleteFunction",
                "lambda:DeleteFunctionConcurrency",
                "lambda:PutFunctionConcurrency",
                "lambda:TagResource",
                "lambda:UntagResource",
                "lambda:UpdateFunctionCode",
                "lambda:UpdateFunctionConfiguration",
            ),
        ),
    ),
    "aws_lambda_permission": (
        Permission(
            resources=_FUNCTION,
            read=("lambda:GetPolicy",),
            write=("lambda:AddPermission", "lambda:RemovePermission"),
        ),
    ),
    "aws_cloudwatch_log_group": (
        # Terraform finds a group by listing, which names none.
        Permission(resources=("*",), read=("logs:DescribeLogGroups",)),
        Permission(
            resources=_LOG_GROUP,
            read=("logs:ListTagsForResource",),
            write=(
                "logs:AssociateKmsKey",
                "logs:CreateLogGroup",
                "logs:DeleteLogGroup",
                "logs:DeleteRetentionPolicy",
                "logs:DisassociateKmsKey",
                "logs:PutRetentionPolicy",
                "logs:TagResource",
                "logs:UntagResource",
            ),
        ),
    ),
    "aws_cloudwatch_event_rule": (
        Permission(
            resources=_RULE,
            read=("events:DescribeRule", "events:ListTagsForResource"),
            write=(
                "events:DeleteRule",
                "events:PutRule",
                "events:TagResource",
                "events:UntagResource",
            ),
        ),
    ),
    "aws_cloudwatch_event_target": (
        Permission(
            resources=_RULE,
            read=("events:ListTargetsByRule",),
            write=("events:PutTargets", "events:RemoveTargets"),
        ),
    ),
    "aws_apigatewayv2_api": (
        Permission(resources=(f"{_APIS}/*",), read=("apigateway:GET",)),
        Permission(
            resources=(_APIS, "arn:aws:apigateway:{region}::/tags/*"),
            write=("apigateway:POST", "apigateway:PUT"),
            condition=BEING_TAGGED,
        ),
        Permission(
            resources=(f"{_APIS}/*", "arn:aws:apigateway:{region}::/tags/*"),
            write=_CHANGE,
            condition=TAGGED,
        ),
    ),
    # What an HTTP API holds has no tags and inherits none
    # (docs.aws.amazon.com/apigateway/latest/developerguide,
    # apigateway-tagging-supported-resources.html), so these reach every API of the region.
    "aws_apigatewayv2_integration": (
        Permission(
            resources=(f"{_APIS}/*/integrations", f"{_APIS}/*/integrations/*"),
            read=("apigateway:GET",),
            write=_CHANGE,
        ),
    ),
    "aws_apigatewayv2_route": (
        Permission(
            resources=(f"{_APIS}/*/routes", f"{_APIS}/*/routes/*"),
            read=("apigateway:GET",),
            write=_CHANGE,
        ),
    ),
    "aws_apigatewayv2_stage": (
        Permission(
            resources=(f"{_APIS}/*/stages", f"{_APIS}/*/stages/*"),
            read=("apigateway:GET",),
            write=_CHANGE,
        ),
    ),
}
