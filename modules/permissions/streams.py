"""Permissions on what carries messages on: streams, queues, and what hands them to functions."""

from collections.abc import Mapping
from typing import Final

from modules.permissions.permission import BEING_TAGGED, TAGGED, Permission

_STREAM = ("arn:aws:kinesis:{region}:{account}:stream/{name}",)
_QUEUE = ("arn:aws:sqs:{region}:{account}:{name}",)
# A mapping has an id alone, and is told by its function:
# docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html
_MAPPING = ("arn:aws:lambda:{region}:{account}:event-source-mapping:*",)
_OF_FUNCTION = {
    "ArnLike": {"lambda:FunctionArn": "arn:aws:lambda:{region}:{account}:function:{name}"}
}

_FUNCTION = ("arn:aws:lambda:{region}:{account}:function:{name}",)

STREAMS: Final[Mapping[str, tuple[Permission, ...]]] = {
    "aws_kinesis_stream": (
        # How many streams there may be is the account's.
        Permission(resources=("*",), read=("kinesis:DescribeLimits",)),
        # It knows no resource: docs.aws.amazon.com/service-authorization/latest/reference,
        # list_amazonkinesisdatastreams.html.
        Permission(resources=("*",), write=("kinesis:UpdateStreamMode",)),
        Permission(
            resources=_STREAM,
            read=("kinesis:DescribeStreamSummary", "kinesis:ListTagsForStream"),
            write=(
                "kinesis:AddTagsToStream",
                "kinesis:CreateStream",
                "kinesis:DecreaseStreamRetentionPeriod",
                "kinesis:DeleteStream",
                "kinesis:IncreaseStreamRetentionPeriod",
                "kinesis:RemoveTagsFromStream",
                "kinesis:StartStreamEncryption",
                "kinesis:StopStreamEncryption",
                "kinesis:UpdateShardCount",
            ),
        ),
    ),
    "aws_sqs_queue": (
        Permission(
            resources=_QUEUE,
            read=("sqs:GetQueueAttributes", "sqs:ListQueueTags"),
            write=(
                "sqs:CreateQueue",
                "sqs:DeleteQueue",
                "sqs:SetQueueAttributes",
                "sqs:TagQueue",
                "sqs:UntagQueue",
            ),
        ),
    ),
    "aws_sqs_queue_policy": (
        Permission(
            resources=_QUEUE, read=("sqs:GetQueueAttributes",), write=("sqs:SetQueueAttributes",)
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
}
