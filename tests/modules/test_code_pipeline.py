"""A pipeline and its builds refuse at once what AWS would refuse later."""

from typing import Any

import pytest
from cdktf import TerraformStack
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.provider import AwsProvider

from modules.build_project import BuildProject, BuildProjectInputs
from modules.closed_bucket import ClosedBucket, ClosedBucketInputs
from modules.code_pipeline import CodePipeline, CodePipelineInputs
from modules.inputs import InputError
from modules.pipeline_wave import PipelineWave
from tests.support.synthesis import empty_stack, template

TEXTS = (
    *("name", "environment", "role_arn", "bucket_name", "key_arn", "topic_arn"),
    *("connection_arn", "repository", "branch", "synth"),
)


def stack() -> tuple[TerraformStack, AwsProvider]:
    made = empty_stack()
    return made, AwsProvider(made, "aws", alias="eu_west_1", region="eu-west-1")


def rights(made: TerraformStack) -> IamRolePolicy:
    return IamRolePolicy(made, "rights", role="x", policy="{}")


def wave(number: int) -> PipelineWave:
    return PipelineWave(
        number=number,
        stacks=("state",),
        required_waves=(),
        plan="plan",
        apply="apply",
        verify="verify",
    )


def pipeline(waves: int) -> TerraformStack:
    made, provider = stack()
    texts: dict[str, Any] = dict.fromkeys(TEXTS, "x")
    inputs = CodePipelineInputs(
        provider=provider,
        is_active=True,
        waves=[wave(number) for number in range(waves)],
        role_policy=rights(made),
        **texts,
    )
    CodePipeline(made, "pipeline", inputs)
    return made


def build(timeout: int) -> TerraformStack:
    made, provider = stack()
    texts = dict.fromkeys(
        ("slot", "name", "description", "buildspec", "role_arn", "key_arn"), "synth"
    )
    inputs = BuildProjectInputs(
        provider=provider, variables={}, timeout=timeout, role_policy=rights(made), **texts
    )
    BuildProject(made, "project", inputs)
    return made


def test_a_pipeline_has_fifty_stages_at_most() -> None:
    (made,) = template(pipeline(16)).resources("aws_codepipeline").values()
    assert len(made["stage"]) == 50
    with pytest.raises(InputError, match="CodePipeline: waves is 17, expected at most 50 stages"):
        pipeline(17)


def test_neither_starts_before_its_role_has_its_rights() -> None:
    (made,) = template(pipeline(1)).resources("aws_codepipeline").values()
    assert made["depends_on"] == ["aws_iam_role_policy.rights"]
    (project,) = template(build(5)).resources("aws_codebuild_project").values()
    assert project["depends_on"] == ["aws_iam_role_policy.rights"]


@pytest.mark.parametrize("timeout", [5, 2160])
def test_a_build_may_take_from_five_minutes_to_a_day_and_a_half(timeout: int) -> None:
    (project,) = template(build(timeout)).resources("aws_codebuild_project").values()
    assert project["build_timeout"] == timeout


@pytest.mark.parametrize("timeout", [4, 2161])
def test_a_build_that_would_take_less_or_more_is_refused(timeout: int) -> None:
    with pytest.raises(InputError, match=r"BuildProject: timeout is \d+, expected 5 to 2160"):
        build(timeout)


@pytest.mark.parametrize(
    ("prevent_destroy", "lifecycle"), [(True, {"prevent_destroy": True}), (False, None)]
)
def test_a_bucket_that_prevent_destroy_is_neither_destroyed_nor_emptied(
    prevent_destroy: bool, lifecycle: dict[str, bool] | None
) -> None:
    made, provider = stack()
    inputs = ClosedBucketInputs(
        provider=provider, bucket_name="example", slot="kept", prevent_destroy=prevent_destroy
    )
    ClosedBucket(made, "bucket", inputs)
    (bucket,) = template(made).resources("aws_s3_bucket").values()
    assert bucket.get("lifecycle") == lifecycle
    assert bucket["force_destroy"] is not prevent_destroy


@pytest.mark.parametrize("name", ["ab", "a" * 64])
def test_a_bucket_with_a_name_that_s3_refuses_is_refused(name: str) -> None:
    made, provider = stack()
    inputs = ClosedBucketInputs(provider=provider, bucket_name=name, slot="x", prevent_destroy=True)
    with pytest.raises(InputError, match=r"ClosedBucket: bucket_name is 'a\w+', expected 3 to 63"):
        ClosedBucket(made, "bucket", inputs)
