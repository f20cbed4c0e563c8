"""A CodeBuild project that runs one buildspec as an action of a pipeline."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.codebuild_project import (
    CodebuildProject,
    CodebuildProjectArtifacts,
    CodebuildProjectEnvironment,
    CodebuildProjectEnvironmentEnvironmentVariable,
    CodebuildProjectLogsConfig,
    CodebuildProjectLogsConfigCloudwatchLogs,
    CodebuildProjectSource,
)
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.inputs import require
from modules.module import Module
from modules.template import escaped

# docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-available.html
_IMAGE: Final = "aws/codebuild/standard:7.0"
_LOG_DAYS: Final = 90
# docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html
_SHORTEST: Final = 5
_LONGEST: Final = 2160


def log_group_name(project: str) -> str:
    """Return the log group of a project: the name that CodeBuild would choose itself."""
    return f"/aws/codebuild/{project}"


@dataclass(frozen=True, kw_only=True)
class BuildProjectInputs:
    """The text of a `buildspec`, the role that runs it, and its environment variables.

    `slot` is the logical id, `timeout` is in minutes, `key_arn` encrypts artifacts and log.
    `role_policy` is created before the project, which a pipeline may start at once.
    """

    provider: AwsProvider
    slot: str
    name: str
    description: str
    buildspec: str
    role_arn: str
    role_policy: ITerraformDependable
    key_arn: str
    variables: Mapping[str, str]
    timeout: int


@dataclass(frozen=True, kw_only=True)
class BuildProjectOutputs:
    """The project's name, as an action of a pipeline refers to it."""

    name: str


class BuildProject(Module):
    """A CodeBuild project with CodePipeline as its source and artifact store, and its log group.

    The buildspec is part of the project, so write access to an artifact does not change what runs.
    Builds are not privileged: they run no containers. The log group is created before the project,
    since the one that CodeBuild creates has no retention; it keeps events for 90 days. Raises
    InputError for a timeout outside 5 to 2160 minutes. Source:
    docs.aws.amazon.com/codebuild/latest/userguide/how-to-create-pipeline.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: BuildProjectInputs) -> None:
        timeout, expected = inputs.timeout, f"{_SHORTEST} to {_LONGEST} minutes"
        is_valid = _SHORTEST <= timeout <= _LONGEST
        require(is_valid, BuildProject, "timeout", timeout, expected)
        super().__init__(scope, id_)
        log = self.flat(
            CloudwatchLogGroup(
                self,
                "log",
                provider=inputs.provider,
                name=log_group_name(inputs.name),
                retention_in_days=_LOG_DAYS,
                kms_key_id=inputs.key_arn,
            ),
            inputs.slot,
        )
        project = self.flat(
            CodebuildProject(
                self,
                "project",
                provider=inputs.provider,
                name=inputs.name,
                description=inputs.description,
                service_role=inputs.role_arn,
                encryption_key=inputs.key_arn,
                build_timeout=timeout,
                source=CodebuildProjectSource(
                    type="CODEPIPELINE", buildspec=escaped(inputs.buildspec)
                ),
                artifacts=CodebuildProjectArtifacts(type="CODEPIPELINE"),
                environment=_environment(inputs.variables),
                logs_config=CodebuildProjectLogsConfig(
                    cloudwatch_logs=CodebuildProjectLogsConfigCloudwatchLogs(group_name=log.name)
                ),
                depends_on=[inputs.role_policy],
            ),
            inputs.slot,
        )
        self.outputs = BuildProjectOutputs(name=project.name)


def _environment(variables: Mapping[str, str]) -> CodebuildProjectEnvironment:
    return CodebuildProjectEnvironment(
        type="LINUX_CONTAINER",
        image=_IMAGE,
        compute_type="BUILD_GENERAL1_MEDIUM",
        privileged_mode=False,
        environment_variable=[
            CodebuildProjectEnvironmentEnvironmentVariable(name=name, value=value)
            for name, value in variables.items()
        ],
    )
