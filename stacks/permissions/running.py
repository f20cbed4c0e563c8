"""What a pipeline's roles need at run time: artifacts, logs and the connection."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from stacks.permissions.environment import PipelineEnvironment
from stacks.permissions.grant import Grant

_KEY = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")
_BUCKET = ("s3:GetBucketAcl", "s3:GetBucketLocation")
_READ = ("s3:GetObject", "s3:GetObjectVersion")
# Artifact folders that a project writes and reads.
_WRITTEN = {"synth": "Code", "plan": "Plans*"}
_READ_BY = {"synth": ("Source",), "plan": ("Code",)}
_READ_BY_OTHERS = ("Code", "Plans*")


@dataclass(frozen=True, kw_only=True)
class RuntimeResources:
    """ARNs of the resources that the pipeline of one region uses at run time."""

    region: str
    artifact_bucket_arn: str
    key_arn: str
    connection_arn: str
    topic_arn: str


def build_grants(
    environment: PipelineEnvironment, runtime: RuntimeResources, what: str
) -> Iterator[Grant]:
    """Yield what runs one project: reading its input artifacts, writing its own, and its log.

    CodePipeline's object keys start with the pipeline's and artifact's names, cut to 20 and 10
    characters. So no other project can overwrite a build's artifact. Another execution of the same
    project can, since IAM has no condition on the execution (see `stacks/builds/take-code.sh`).
    Sources: docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html,
    repost.aws/questions/QUI91tw7A9SUOMohJurNqmgA
    """
    group = f"/aws/codebuild/{environment.role_name(what, runtime.region)}"
    place = f"{runtime.region}:{environment.account_id}"
    stream = f"arn:aws:logs:{place}:log-group:{group}:log-stream:*"
    yield Grant(("logs:CreateLogStream", "logs:PutLogEvents"), (stream,), {})
    yield from _artifacts(runtime, _BUCKET)
    folders = _READ_BY.get(what, _READ_BY_OTHERS)
    objects = tuple(f"{runtime.artifact_bucket_arn}/*/{folder}/*" for folder in folders)
    yield Grant(_READ, objects, {})
    if folder := _WRITTEN.get(what):
        yield Grant(("s3:PutObject",), (f"{runtime.artifact_bucket_arn}/*/{folder}/*",), {})


def source_grants(runtime: RuntimeResources) -> Iterator[Grant]:
    """Yield what fetches from the repository, in both names of the service.

    docs.aws.amazon.com/codepipeline/latest/userguide/troubleshooting.html ("Add CodeBuild GitClone
    permissions")
    """
    actions = ("codeconnections:UseConnection", "codestar-connections:UseConnection")
    yield Grant(actions, (runtime.connection_arn,), {})


def pipeline_grants(
    environment: PipelineEnvironment, runtime: RuntimeResources, projects: Iterable[str]
) -> Iterator[Grant]:
    """Yield what runs the pipeline itself: its source, builds and approvals.

    The source action uploads with an ACL (aws/aws-cdk issue 13557), although the bucket has ACLs
    disabled. Source: docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html
    """
    place = f"{runtime.region}:{environment.account_id}"
    builds = tuple(f"arn:aws:codebuild:{place}:project/{name}" for name in projects)
    yield Grant(("codebuild:BatchGetBuilds", "codebuild:StartBuild"), builds, {})
    yield Grant(("sns:Publish",), (runtime.topic_arn,), {})
    yield from _artifacts(runtime, (*_BUCKET, "s3:GetBucketVersioning", "s3:ListBucket"))
    objects = (*_READ, "s3:PutObject", "s3:PutObjectAcl")
    yield Grant(objects, (f"{runtime.artifact_bucket_arn}/*",), {})
    yield from source_grants(runtime)


def _artifacts(runtime: RuntimeResources, on_bucket: tuple[str, ...]) -> Iterator[Grant]:
    yield Grant(on_bucket, (runtime.artifact_bucket_arn,), {})
    yield Grant(_KEY, (runtime.key_arn,), {})
