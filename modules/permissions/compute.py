"""Permissions for Lambda, API Gateway, CodeBuild and CodePipeline."""

from collections.abc import Mapping
from typing import Final

from modules.permissions.permission import BEING_TAGGED, TAGGED, Permission

_FUNCTION = ("arn:aws:lambda:{region}:{account}:function:{name}",)
# A mapping's ARN has only a generated id, so the condition is on its function:
# docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html
_MAPPING = ("arn:aws:lambda:{region}:{account}:event-source-mapping:*",)
_OF_FUNCTION = {
    "ArnLike": {"lambda:FunctionArn": "arn:aws:lambda:{region}:{account}:function:{name}"}
}
_APIS = "arn:aws:apigateway:{region}::/apis"
_CHANGE = ("apigateway:DELETE", "apigateway:PATCH", "apigateway:POST", "apigateway:PUT")

COMPUTE: Final[Mapping[str, tuple[Permission, ...]]] = {
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
    "aws_lambda_event_source_mapping": (
        Permission(
            resources=("*",),
            write=("lambda:CreateEventSourceMapping",),
            condition=_OF_FUNCTION,
        ),
        Permission(
            resources=_MAPPING,
            read=("lambda:GetEventSourceMapping",),
            write=("lambda:DeleteEventSourceMapping", "lambda:UpdateEventSourceMapping"),
            condition=_OF_FUNCTION,
        ),
        Permission(resources=_MAPPING, read=("lambda:ListTags",)),
        Permission(resources=_MAPPING, write=("lambda:TagResource",), condition=BEING_TAGGED),
        Permission(
            resources=_MAPPING,
            write=("lambda:TagResource", "lambda:UntagResource"),
            condition=TAGGED,
        ),
    ),
    "aws_lambda_function_recursion_config": (
        Permission(
            resources=_FUNCTION,
            read=("lambda:GetFunctionRecursionConfig",),
            write=("lambda:PutFunctionRecursionConfig",),
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
    # Routes, stages and integrations of HTTP APIs have no tags of their own and inherit none, so
    # these permissions cover every API of the region: docs.aws.amazon.com/apigateway/latest/
    # developerguide/apigateway-tagging-supported-resources.html
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
    "aws_codebuild_project": (
        Permission(
            resources=("arn:aws:codebuild:{region}:{account}:project/{name}",),
            read=("codebuild:BatchGetProjects",),
            write=(
                "codebuild:CreateProject",
                "codebuild:DeleteProject",
                "codebuild:UpdateProject",
            ),
        ),
    ),
    "aws_codepipeline": (
        Permission(
            resources=("arn:aws:codepipeline:{region}:{account}:{name}",),
            read=("codepipeline:GetPipeline", "codepipeline:ListTagsForResource"),
            write=(
                "codepipeline:CreatePipeline",
                "codepipeline:DeletePipeline",
                "codepipeline:TagResource",
                "codepipeline:UntagResource",
                "codepipeline:UpdatePipeline",
            ),
        ),
    ),
}
