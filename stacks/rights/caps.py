"""The boundaries: what a role can do at the most, whatever its policy says."""

from collections.abc import Iterator

from modules.switch_metric import switch_namespace
from stacks.rights.cap_parts import (
    BOUNDED,
    allow,
    by,
    elsewhere,
    keys_and_records,
    log_of,
    to,
    with_boundary,
    within,
)
from stacks.rights.data_caps import data_boundary
from stacks.rights.estate import PATH, Estate
from stacks.rights.policy import Statement
from stacks.rights.scopes import kept_from_pipelines

# Families of actions: a policy of 6,144 characters does not hold all of them by name.
_REGIONAL = (
    *("acm:*Certificate*", "apigateway:DELETE", "apigateway:GET", "apigateway:P*"),
    "cloudwatch:*Alarm*",
    *("cloudwatch:*Resource", "codebuild:*Project*", "codebuild:BatchGetBuilds"),
    *("codebuild:StartBuild", "codeconnections:*Connection", "codepipeline:*Pipeline"),
    *("codepipeline:*Resource", "codestar-connections:*Connection"),
    *("events:*Resource", "events:*Rule", "events:*Targets*"),
    *("iot:*DomainConfiguration", "iot:*Policy*", "iot:*Resource"),
    *("kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"),
    *("lambda:*Function*", "lambda:*Permission", "lambda:*Policy", "lambda:*Resource"),
    *("lambda:ListTags", "logs:*KmsKey", "logs:*LogGroup", "logs:*Resource"),
    *("logs:*RetentionPolicy", "logs:CreateLogStream", "logs:PutLogEvents", "sns:*Resource"),
    *("sns:*Topic*", "sns:Publish"),
)
_GLOBAL = (
    *("iam:DeleteRole", "iam:DeleteRolePolicy", "iam:GetPolicy*", "iam:GetRole*"),
    *("iam:List*Role*", "iam:TagRole", "iam:UntagRole", "iam:UpdateRole*"),
    *("route53:*HealthCheck", "route53:*TagsForResource", "route53:GetChange"),
    *("route53:GetHostedZone", "route53:ListResourceRecordSets"),
    *("route53:UpdateHostedZoneComment", "s3:*Configuration", "s3:*Object", "s3:*Resource"),
    *("s3:CreateBucket", "s3:DeleteBucketPolicy", "s3:GetBucket*", "s3:GetObjectVersion"),
    *("s3:ListBucket", "s3:PutBucket*", "s3:PutObjectAcl"),
)
_WITHOUT_RESOURCE = (
    *("acm:RequestCertificate", "iot:DescribeEndpoint", "logs:DescribeLogGroups"),
    *("route53:CreateHealthCheck", "route53:CreateHostedZone"),
)


def pipeline_boundary(estate: Estate) -> list[Statement]:
    """Cap the roles of a pipeline: this environment's names, its regions, and no way out of them.

    Roles that are made get a boundary too, none loses it, and neither a boundary nor a role that
    changes pipelines is changed. What is not named is denied.
    docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    """
    roles = f"arn:aws:iam::{estate.account_id}:role"
    name = estate.context.name("")
    return [
        elsewhere(estate),
        allow((*_REGIONAL, *_GLOBAL), list(_resources(estate))),
        allow(_WITHOUT_RESOURCE, ["*"]),
        *keys_and_records(estate),
        allow(("iam:PassRole",), [f"{roles}{PATH}{name}*"], to("codebuild", "codepipeline")),
        allow(("iam:PassRole",), [f"{roles}/{name}*"], to("lambda", "s3")),
        allow(BOUNDED, [f"{roles}{PATH}{name}*"], with_boundary(estate.boundary_arn("*"))),
        allow(BOUNDED, [f"{roles}/{name}*"], with_boundary(estate.function_boundary_arn)),
        *kept_from_pipelines(estate),
    ]


def function_boundary(estate: Estate) -> list[Statement]:
    """Cap the roles that the pipeline's stacks make: each does what such a role is for.

    Without it whoever may give a function a role and a policy could give it all rights, and so
    have them himself. A boundary holds for several roles, which their names tell apart.
    """
    return [
        *([elsewhere(estate), *data_boundary(estate)] if estate.has_data else ()),
        *_running(estate, "canary"),
        *_running(estate, "watcher"),
        *_switching(estate),
        *_copying(estate),
    ]


def _running(estate: Estate, what: str) -> list[Statement]:
    account, environment = estate.account_id, estate.context.environment
    topic = f"arn:aws:iot:*:{account}:topic/iot-dr/{environment}/{what}"
    # Where there is more to cap, the regions are told once for all.
    roles = {
        **by(estate, f"{estate.context.name(what)}*"),
        **({} if estate.has_data else within(estate)),
    }
    return [
        allow(("logs:CreateLogStream", "logs:PutLogEvents"), [log_of(estate, what)], roles),
        allow(("iot:Publish",), [topic], roles),
    ]


def _switching(estate: Estate) -> list[Statement]:
    namespace = {"cloudwatch:namespace": switch_namespace(estate.context.environment)}
    roles = by(estate, f"{estate.context.name('watcher')}*")
    return [
        allow(("cloudwatch:PutMetricData",), ["*"], {**roles, "StringEquals": namespace}),
        allow(("cloudwatch:GetMetricStatistics",), ["*"], roles),
    ]


def _copying(estate: Estate) -> list[Statement]:
    buckets = f"arn:aws:s3:::{estate.any_bucket}"
    states = f"{buckets}/{estate.context.environment}/*.tfstate"
    account = {"aws:ResourceAccount": estate.account_id}
    roles = {**by(estate, f"{estate.context.name('state-replication')}*"), "StringEquals": account}
    reading = ("s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication")
    return [
        allow(("s3:GetReplicationConfiguration", "s3:ListBucket"), [buckets], roles),
        allow((*reading, "s3:ReplicateObject"), [states], roles),
    ]


def _resources(estate: Estate) -> Iterator[str]:
    account, name = estate.account_id, estate.context.name("")
    for service, named in (
        *(("acm", "certificate/*"), ("kms", "key/*")),
        *(("cloudwatch", f"alarm:{name}*"), ("codebuild", f"project/{name}*")),
        *(("codepipeline", f"{name}*"), ("events", f"rule/{name}*"), ("sns", f"{name}*")),
        *(("iot", f"domainconfiguration/{name}*"), ("iot", f"policy/{name}*")),
        *(("lambda", f"function:{name}*"), ("logs", f"log-group:/aws/*/{name}*")),
    ):
        yield f"arn:aws:{service}:*:{account}:{named}"
    yield from estate.connection_arns
    yield from (f"arn:aws:apigateway:*::/{path}" for path in ("apis*", "tags/*"))
    yield from (f"arn:aws:route53:::{kind}/*" for kind in ("change", "healthcheck", "hostedzone"))
    for kind in ("policy/iot-dr", "role", "role/iot-dr"):
        yield f"arn:aws:iam::{account}:{kind}/{name}*"
    # Buckets and what is in them: a star stands for slashes too.
    yield f"arn:aws:s3:::{estate.any_bucket}"
