"""The CodePipeline pipeline that rolls out waves of stacks in order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.codepipeline import (
    Codepipeline,
    CodepipelineArtifactStore,
    CodepipelineArtifactStoreEncryptionKey,
    CodepipelineStage,
    CodepipelineTrigger,
    CodepipelineTriggerGitConfiguration,
    CodepipelineTriggerGitConfigurationPush,
    CodepipelineTriggerGitConfigurationPushBranches,
)
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.inputs import require
from modules.module import Module
from modules.pipeline_action import CODE, SOURCE, SYNTH, BuildAction, source
from modules.pipeline_wave import PipelineWave, wave_stages

# docs.aws.amazon.com/codepipeline/latest/userguide/limits.html
_MOST_STAGES: Final = 50


@dataclass(frozen=True, kw_only=True)
class CodePipelineInputs:
    """The repository, the role, key, bucket and topic that the pipeline uses, and its waves.

    `synth` is the name of the CodeBuild project that synthesizes. Unless `is_active`, only a person
    can start the pipeline. `role_policy` is created before the pipeline, which starts on creation
    (docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-create.html).
    """

    provider: AwsProvider
    name: str
    environment: str
    role_arn: str
    role_policy: ITerraformDependable
    bucket_name: str
    key_arn: str
    topic_arn: str
    connection_arn: str
    repository: str
    branch: str
    is_active: bool
    synth: str
    waves: Sequence[PipelineWave]


@dataclass(frozen=True, kw_only=True)
class CodePipelineOutputs:
    """The pipeline's name."""

    name: str


class CodePipeline(Module):
    """A pipeline with a source and a synthesis stage, then plan, change and verify stages per wave.

    The type is V2, which conditions need. In the execution mode QUEUED a newer execution waits for
    the older one, whose changes its plans must see, and does not replace it. The push trigger
    filters branches only: a filter with tags as well is broken in the provider
    (hashicorp/terraform-provider-aws issue 43105). Raises InputError for more than 50 stages.
    Source: docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: CodePipelineInputs) -> None:
        stages = _stages(inputs)
        expected = f"at most {_MOST_STAGES} stages"
        is_valid = len(stages) <= _MOST_STAGES
        require(is_valid, CodePipeline, "waves", len(inputs.waves), expected)
        super().__init__(scope, id_)
        pipeline = self.flat(
            Codepipeline(
                self,
                "pipeline",
                provider=inputs.provider,
                name=inputs.name,
                role_arn=inputs.role_arn,
                pipeline_type="V2",
                execution_mode="QUEUED",
                artifact_store=[_store(inputs)],
                stage=stages,
                trigger=[_trigger(inputs.branch)] if inputs.is_active else None,
                depends_on=[inputs.role_policy],
            ),
            "pipeline",
        )
        self.outputs = CodePipelineOutputs(name=pipeline.name)


def _store(inputs: CodePipelineInputs) -> CodepipelineArtifactStore:
    key = CodepipelineArtifactStoreEncryptionKey(id=inputs.key_arn, type="KMS")
    return CodepipelineArtifactStore(location=inputs.bucket_name, type="S3", encryption_key=key)


def _trigger(branch: str) -> CodepipelineTrigger:
    branches = CodepipelineTriggerGitConfigurationPushBranches(includes=[branch])
    return CodepipelineTrigger(
        provider_type="CodeStarSourceConnection",
        git_configuration=CodepipelineTriggerGitConfiguration(
            source_action_name=SOURCE,
            push=[CodepipelineTriggerGitConfigurationPush(branches=branches)],
        ),
    )


def _stages(inputs: CodePipelineInputs) -> list[CodepipelineStage]:
    fetch = source(
        inputs.connection_arn, inputs.repository, inputs.branch, is_active=inputs.is_active
    )
    synth = BuildAction(
        name=SYNTH, project=inputs.synth, inputs=(SOURCE,), output=CODE, namespace=SYNTH
    )
    return [
        CodepipelineStage(name="Source", action=[fetch]),
        CodepipelineStage(name=SYNTH, action=[synth.action()]),
        *(
            stage
            for wave in inputs.waves
            for stage in wave_stages(wave, inputs.environment, inputs.topic_arn)
        ),
    ]
