"""Rights to what carries messages on: streams, queues, and what hands them to functions."""

from collections.abc import Mapping
from typing import Final

from modules.rights.right import BEING_TAGGED, TAGGED, Right

_STREAM = ("arn:aws:kinesis:{region}:{account}:stream/{name}",)
_QUEUE = ("arn:aws:sqs:{region}:{account}:{name}",)
# A mapping has an id alone, and is told by its function:
# docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html
_MAPPING = ("arn:aws:lambda:{region}:{account}:event-source-mapping:*",)
_OF_FUNCTION = {
    "ArnLike": {"lambda:FunctionArn": "arn:aws:lambda:{region}:{account}:function:{name}"}
}

_FUNCTION = ("arn:aws:lambda:{region}:{account}:function:{name}",)

STREAMS: Final[Mapping[str, tuple[Right, ...]]] = {
    "aws_kinesis_stream": (
        # How many streams there may be is the account's.
        Right(resources=("*",), read=("kinesis:DescribeLimits",)),
        # It knows no resource: docs.aws.amazon.com/service-authorization/latest/reference,
        # list_amazonkinesisdatastreams.html.
        Right(resources=("*",), write=("kinesis:UpdateStreamMode",)),
        Right(
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
        Right(
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
        Right(
            resources=_QUEUE, read=("sqs:GetQueueAttributes",), write=("sqs:SetQueueAttributes",)
        ),
    ),
    "aws_lambda_event_source_mapping": (
        Right(
            resources=("*",),
            write=("lambda:CreateEventSourceMapping",),
            condition=_OF_FUNCTION,
        ),
        Right(
            resources=_MAPPING,
            read=("lambda:GetEventSourceMapping",),
            write=("lambda:DeleteEventSourceMapping", "lambda:UpdateEventSourceMapping"),
            condition=_OF_FUNCTION,
        ),
        Right(resources=_MAPPING, read=("lambda:ListTags",)),
        Right(resources=_MAPPING, write=("lambda:TagResource",), condition=BEING_TAGGED),
        Right(
            resources=_MAPPING,
            write=("lambda:TagResource", "lambda:UntagResource"),
            condition=TAGGED,
        ),
    ),
    "aws_lambda_function_recursion_config": (
        Right(
            resources=_FUNCTION,
            read=("lambda:GetFunctionRecursionConfig",),
            write=("lambda:PutFunctionRecursionConfig",),
        ),
    ),
}
