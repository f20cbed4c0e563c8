"""What a pipeline's roles need to run at all: artifacts, log and connection."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from stacks.permissions.environment import Environment
from stacks.permissions.grant import Grant

_KEY = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")
_BUCKET = ("s3:GetBucketAcl", "s3:GetBucketLocation")
_READ = ("s3:GetObject", "s3:GetObjectVersion")
# The folders of what a build leaves, and of what it takes, by its project.
_LEFT = {"synth": "Code", "plan": "Plans*"}
_TAKEN = {"synth": ("Source",), "plan": ("Code",)}
_TAKEN_BY_OTHERS = ("Code", "Plans*")


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """ARNs of what the pipeline of one region works with."""

    region: str
    artifact_bucket_arn: str
    key_arn: str
    connection_arn: str
    topic_arn: str


def building(environment: Environment, runtime: Runtime, what: str) -> Iterator[Grant]:
    """Run one project: take its artifacts, leave those that are its own, and write its own log.

    An artifact lies below the pipeline's name and its own, cut to 20 and 10 characters: so what
    one build leaves no other project can replace. What another execution of the same project left
    it can: IAM knows none (see `buildspecs/take-code.sh`). Sources:
    docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html,
    repost.aws/questions/QUI91tw7A9SUOMohJurNqmgA
    """
    group = f"/aws/codebuild/{environment.role_name(what, runtime.region)}"
    place = f"{runtime.region}:{environment.account_id}"
    stream = f"arn:aws:logs:{place}:log-group:{group}:log-stream:*"
    yield Grant(("logs:CreateLogStream", "logs:PutLogEvents"), (stream,), {})
    yield from _artifacts(runtime, _BUCKET)
    taken = _TAKEN.get(what, _TAKEN_BY_OTHERS)
    yield Grant(_READ, tuple(f"{runtime.artifact_bucket_arn}/*/{each}/*" for each in taken), {})
    if folder := _LEFT.get(what):
        yield Grant(("s3:PutObject",), (f"{runtime.artifact_bucket_arn}/*/{folder}/*",), {})


def using_source(runtime: Runtime) -> Iterator[Grant]:
    """Fetch from the repository, which the service calls by two names.

    docs.aws.amazon.com/codepipeline/latest/userguide/troubleshooting.html, "Add CodeBuild
    GitClone permissions"
    """
    actions = ("codeconnections:UseConnection", "codestar-connections:UseConnection")
    yield Grant(actions, (runtime.connection_arn,), {})


def running(environment: Environment, runtime: Runtime, projects: Iterable[str]) -> Iterator[Grant]:
    """Run the pipeline itself: its source, its builds, and its approvals.

    The source's action uploads with an ACL (github.com/aws/aws-cdk issue 13557), even though the
    bucket knows none. docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html
    """
    place = f"{runtime.region}:{environment.account_id}"
    builds = tuple(f"arn:aws:codebuild:{place}:project/{name}" for name in projects)
    yield Grant(("codebuild:BatchGetBuilds", "codebuild:StartBuild"), builds, {})
    yield Grant(("sns:Publish",), (runtime.topic_arn,), {})
    yield from _artifacts(runtime, (*_BUCKET, "s3:GetBucketVersioning", "s3:ListBucket"))
    objects = (*_READ, "s3:PutObject", "s3:PutObjectAcl")
    yield Grant(objects, (f"{runtime.artifact_bucket_arn}/*",), {})
    yield from using_source(runtime)


def _artifacts(runtime: Runtime, on_bucket: tuple[str, ...]) -> Iterator[Grant]:
    yield Grant(on_bucket, (runtime.artifact_bucket_arn,), {})
    yield Grant(_KEY, (runtime.key_arn,), {})
