"""What a pipeline's roles need to run at all: its artifacts, its log, its connection."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from modules.rights.estate import ROUTE53_REGION, Estate
from modules.rights.held import Grant

_KEY = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")
_BUCKET = ("s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning", "s3:ListBucket")


@dataclass(frozen=True, kw_only=True)
class Means:
    """ARNs of what the pipeline of one region works with."""

    region: str
    artifact_bucket_arn: str
    key_arn: str
    connection_arn: str
    topic_arn: str


def building(estate: Estate, means: Means, what: str) -> Iterator[Grant]:
    """Run one project: take and leave artifacts, and write its own log.

    docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html
    """
    group = f"/aws/codebuild/{estate.role_name(what, means.region)}"
    place = f"{means.region}:{estate.account_id}"
    stream = f"arn:aws:logs:{place}:log-group:{group}:log-stream:*"
    yield Grant(("logs:CreateLogStream", "logs:PutLogEvents"), (stream,), {})
    yield from _artifacts(means)


def using_source(means: Means) -> Iterator[Grant]:
    """Fetch from the repository, which the service calls by two names.

    docs.aws.amazon.com/codepipeline/latest/userguide/troubleshooting.html, "Add CodeBuild
    GitClone permissions"
    """
    actions = ("codeconnections:UseConnection", "codestar-connections:UseConnection")
    yield Grant(actions, (means.connection_arn,), {})


def running(estate: Estate, means: Means, projects: Iterable[str]) -> Iterator[Grant]:
    """Run the pipeline itself: its source, its builds, its approvals, and the alarms it watches.

    docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html
    """
    place = f"{means.region}:{estate.account_id}"
    builds = tuple(f"arn:aws:codebuild:{place}:project/{name}" for name in projects)
    yield Grant(("codebuild:BatchGetBuilds", "codebuild:StartBuild"), builds, {})
    yield Grant(("cloudwatch:DescribeAlarms",), tuple(_alarms(estate)), {})
    yield Grant(("sns:Publish",), (means.topic_arn,), {})
    yield from _artifacts(means)
    yield from using_source(means)


def _alarms(estate: Estate) -> Iterator[str]:
    for region in estate.regional_stacks:
        yield _alarm(estate, region, f"canary-{region}")
        yield _alarm(estate, ROUTE53_REGION, f"tcp-{region}")


def _alarm(estate: Estate, region: str, thing: str) -> str:
    name = estate.context.name(thing, 255)
    return f"arn:aws:cloudwatch:{region}:{estate.account_id}:alarm:{name}"


def _artifacts(means: Means) -> Iterator[Grant]:
    bucket = means.artifact_bucket_arn
    yield Grant(_BUCKET, (bucket,), {})
    yield Grant(("s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"), (f"{bucket}/*",), {})
    yield Grant(_KEY, (means.key_arn,), {})
