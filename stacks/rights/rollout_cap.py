"""The boundaries of what rolls out an environment with the data of devices."""

from collections.abc import Iterable, Iterator
from typing import Any

from modules.context import rule_name
from stacks.rights.cap_parts import (
    BOUNDED,
    allow,
    elsewhere,
    keys_and_records,
    to,
    with_boundary,
)
from stacks.rights.estate import PATH, Estate
from stacks.rights.joining_cap import joining_parts
from stacks.rights.policy import Statement, deny

# What regions and the entry point are both made of.
_EVERYWHERE = (
    *("acm:*Certificate*", "cloudwatch:*Alarm*", "cloudwatch:*Resource", "events:*Resource"),
    *("events:*Rule", "events:*Targets*", "iam:*agRole", "iam:DeleteRole", "iam:DeleteRolePolicy"),
    *("iam:GetRole*", "iam:List*Role*", "iam:UpdateRole*", "kms:DescribeKey", "kms:GetKey*"),
    *("kms:ListResourceTags", "lambda:*Function*", "lambda:*Permission", "lambda:*Policy"),
    *("lambda:*Resource", "lambda:ListTags", "logs:*KmsKey", "logs:*LogGroup", "logs:*Resource"),
    *("logs:*RetentionPolicy", "logs:CreateLogStream", "logs:PutLogEvents"),
    *("route53:*HealthCheck", "route53:*TagsForResource", "route53:GetChange"),
    *("route53:GetHostedZone", "route53:ListResourceRecordSets"),
    *("route53:UpdateHostedZoneComment", "s3:*Configuration", "s3:*Object", "s3:*Resource"),
    *("s3:CreateBucket", "s3:DeleteBucketPolicy", "s3:GetBucket*", "s3:GetObjectVersion"),
    *("s3:ListBucket", "s3:PutBucket*", "sns:*Resource", "sns:*Topic*"),
)
_OF_REGIONS = (
    *("apigateway:DELETE", "apigateway:GET", "apigateway:P*", "cloudtrail:*EventSelectors"),
    *("cloudtrail:*Logging", "cloudtrail:*Tags", "cloudtrail:*Trail*", "dynamodb:Describe*"),
    *("dynamodb:ListTagsOfResource", "iot:*DomainConfiguration", "iot:*Policy*"),
    *("iot:*Resource", "iot:*TopicRule", "kinesis:*Stream*", "kinesis:UpdateShardCount"),
    "sqs:*Queue*",
)
_OF_TABLES = (
    *("dynamodb:*ContinuousBackups", "dynamodb:*Item", "dynamodb:*Resource", "dynamodb:*Table"),
    *("dynamodb:*TableReplica", "dynamodb:*TimeToLive", "dynamodb:Query", "dynamodb:Scan"),
)
_WITHOUT_RESOURCE = (
    *("acm:RequestCertificate", "logs:DescribeLogGroups", "route53:CreateHealthCheck"),
    "route53:CreateHostedZone",
)
_OF_REGIONS_WITHOUT_RESOURCE = (
    *("cloudtrail:DescribeTrails", "iot:DescribeEndpoint", "iot:DescribeEventConfigurations"),
    *("iot:ListTopicRules", "iot:UpdateEventConfigurations", "kinesis:DescribeLimits"),
    "kinesis:UpdateStreamMode",
)
_READING = (
    *("codebuild:BatchGetProjects", "codepipeline:GetPipeline"),
    "codepipeline:ListTagsForResource",
    *("iam:GetPolicy*", "iam:GetRole*", "iam:List*Role*"),
)
_REPLICATION = "aws-service-role/replication.dynamodb.amazonaws.com/*"


def region_boundary(estate: Estate) -> list[Statement]:
    """Cap the roles that roll regions out, and those of plans, which read the rest besides.

    They read pipelines and change none, nor any role below a pipeline's path, nor a table. What is
    not named is denied.
    """
    account, name = estate.account_id, estate.context.name("")
    functions = f"arn:aws:lambda:*:{account}"
    of_ours = {"ArnLike": {"lambda:FunctionArn": f"{functions}:function:{name}*"}}
    named = (
        *(("cloudtrail", f"trail/{name}*"), ("dynamodb", f"table/{name}*")),
        *(("iot", f"domainconfiguration/{name}*"), ("iot", f"policy/{name}*")),
        *(("iot", f"rule/{rule_name(name)}*"), ("kinesis", f"stream/{name}*")),
        *(("lambda", "event-source-mapping:*"), ("sqs", f"{name}*")),
    )
    apis = (f"arn:aws:apigateway:*::/{path}" for path in ("apis*", "tags/*"))
    joining = joining_parts(estate)
    resources = [*_arns(account, (*named, *joining.named)), *apis]
    return [
        *_rolling_out(estate, (*_OF_REGIONS, *joining.actions), resources, "iot", "lambda"),
        allow(_READING, list(_read(estate))),
        allow((*_OF_REGIONS_WITHOUT_RESOURCE, *joining.without_resource), ["*"]),
        allow(("lambda:CreateEventSourceMapping",), ["*"], of_ours),
        allow(("lambda:*EventSourceMapping",), [f"{functions}:event-source-mapping:*"], of_ours),
        # Nobody reads what a trail has written, and no other bucket goes with a region.
        allow(("s3:*Version*", "s3:DeleteBucket"), [f"arn:aws:s3:::{estate.bucket_prefix}trail-*"]),
    ]


def global_boundary(estate: Estate) -> list[Statement]:
    """Cap the role that rolls the global stacks out; tables of home are never deleted."""
    account, name = estate.account_id, estate.context.name("")
    tables = f"arn:aws:dynamodb:{estate.home}:{account}:table/*"
    named = (("dynamodb", f"table/{name}*"),)
    policies = f"arn:aws:iam::{account}:policy{PATH}{name}*"
    return [
        deny(("dynamodb:DeleteTable",), [tables]),
        *_rolling_out(estate, _OF_TABLES, _arns(account, named), "lambda", "s3"),
        allow(("iam:CreateServiceLinkedRole",), [f"arn:aws:iam::{account}:role/{_REPLICATION}"]),
        allow(("iam:GetPolicy*",), [policies]),
    ]


def _rolling_out(
    estate: Estate, actions: tuple[str, ...], resources: Iterable[str], *services: str
) -> list[Statement]:
    """Write what all that rolls out may do at the most, and on the same names some more."""
    account, name = estate.account_id, estate.context.name("")
    roles = [f"arn:aws:iam::{account}:role/{name}*"]
    cap: dict[str, Any] = with_boundary(estate.function_boundary_arn)
    return [
        elsewhere(estate),
        allow((*_EVERYWHERE, *actions), [*_resources(estate), *roles, *resources]),
        allow(_WITHOUT_RESOURCE, ["*"]),
        *keys_and_records(estate),
        allow(("iam:PassRole",), roles, to(*services)),
        allow(BOUNDED, roles, cap),
    ]


def _resources(estate: Estate) -> Iterator[str]:
    name = estate.context.name("")
    named = (
        *(("acm", "certificate/*"), ("kms", "key/*"), ("cloudwatch", f"alarm:{name}*")),
        *(("events", f"rule/{name}*"), ("lambda", f"function:{name}*")),
        *(("logs", f"log-group:/aws/*/{name}*"), ("sns", f"{name}*")),
    )
    yield from _arns(estate.account_id, named)
    # Changes, health checks and zones: nothing else of Route 53 knows any of the actions.
    yield "arn:aws:route53:::*/*"
    # Buckets and what is in them: a star stands for slashes too.
    yield f"arn:aws:s3:::{estate.any_bucket}"


def _read(estate: Estate) -> Iterator[str]:
    account, name = estate.account_id, estate.context.name("")
    yield f"arn:aws:codebuild:*:{account}:project/{name}*"
    yield f"arn:aws:codepipeline:*:{account}:{name}*"
    # IAM takes no pattern in the place of the kind.
    yield from (f"arn:aws:iam::{account}:{kind}{PATH}{name}*" for kind in ("policy", "role"))


def _arns(account: str, named: Iterable[tuple[str, str]]) -> list[str]:
    return [f"arn:aws:{service}:*:{account}:{name}" for service, name in named]
