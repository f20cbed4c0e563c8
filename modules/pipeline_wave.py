"""The pipeline stages that roll out one wave."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cdktf_cdktf_provider_aws.codepipeline import (
    CodepipelineStage,
    CodepipelineStageBeforeEntry,
    CodepipelineStageBeforeEntryCondition,
    CodepipelineStageBeforeEntryConditionRule,
    CodepipelineStageBeforeEntryConditionRuleRuleTypeId,
)

from modules.pipeline_action import (
    CODE,
    CODE_VARIABLES,
    BuildAction,
    approval,
    variable,
)

# An action without a run order has order 1:
# docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html
_AFTER_APPROVAL: Final = 2


@dataclass(frozen=True, kw_only=True)
class PipelineWave:
    """A wave's number and stacks, and the CodeBuild projects that plan, apply and verify it.

    The wave is not planned if one of `required_waves`, the numbers of earlier waves, was skipped.
    """

    number: int
    stacks: tuple[str, ...]
    required_waves: tuple[int, ...]
    plan: str
    apply: str
    verify: str


def wave_stages(wave: PipelineWave, environment: str, topic_arn: str) -> list[CodepipelineStage]:
    """Return the stages that plan a wave, apply its plans once they are approved, and verify it.

    Code of a commit never runs in a role that can change something before a person has approved it.
    Approval and apply are one stage, which is skipped as a whole if the plans change nothing, and
    which no other execution can enter in between.
    """
    number = wave.number
    made = f"Wave{number}"
    return [
        CodepipelineStage(name=f"Plan-{number}", action=[_plan(wave, made).action()]),
        CodepipelineStage(
            name=f"Change-{number}",
            before_entry=_only_if(variable(made, "HAS_CHANGES"), "true"),
            action=[
                approval(_question(wave, environment, made), variable(made, "LINK"), topic_arn),
                _of_plans(wave, made, "Apply", wave.apply, order=_AFTER_APPROVAL).action(),
            ],
        ),
        CodepipelineStage(
            name=f"Verify-{number}",
            action=[_of_plans(wave, made, "Verify", wave.verify).action()],
        ),
    ]


def _plan(wave: PipelineWave, made: str) -> BuildAction:
    return BuildAction(
        name="Plan",
        project=wave.plan,
        inputs=(CODE,),
        output=_artifact(wave),
        namespace=made,
        variables={**_variables(wave), **_passed_by(wave)},
    )


def _passed_by(wave: PipelineWave) -> Mapping[str, str]:
    references = " ".join(variable(f"Wave{number}", "PASSED_BY") for number in wave.required_waves)
    return {"PASSED_BY": references} if references else {}


def _of_plans(
    wave: PipelineWave, made: str, name: str, project: str, order: int | None = None
) -> BuildAction:
    # Builds with the same role can overwrite the artifact, so its hash is passed as a variable.
    variables = {**_variables(wave), "PLANS_SHA256": variable(made, "PLANS_SHA256")}
    return BuildAction(
        name=name,
        project=project,
        inputs=(CODE, _artifact(wave)),
        variables=variables,
        order=order,
    )


def _artifact(wave: PipelineWave) -> str:
    return f"Plans{wave.number}"


def _variables(wave: PipelineWave) -> Mapping[str, str]:
    return {"WAVE": str(wave.number), "STACKS": " ".join(wave.stacks), **CODE_VARIABLES}


def _question(wave: PipelineWave, environment: str, made: str) -> str:
    verdict, reason = variable(made, "VERDICT"), variable(made, "REASON")
    return f"{environment}, wave {wave.number} ({', '.join(wave.stacks)}): {verdict}. {reason}"


def _only_if(variable: str, value: str) -> CodepipelineStageBeforeEntry:
    """Return a condition that skips a whole stage unless a variable has the given value.

    Nobody can override a condition whose result is SKIP. Sources, below
    docs.aws.amazon.com/codepipeline/latest/userguide: stage-conditions.html,
    rule-reference-VariableCheck.html.
    """
    rule = CodepipelineStageBeforeEntryConditionRule(
        name="VariableCheck",
        rule_type_id=CodepipelineStageBeforeEntryConditionRuleRuleTypeId(
            category="Rule", owner="AWS", provider="VariableCheck", version="1"
        ),
        configuration={"Variable": variable, "Value": value, "Operator": "EQ"},
    )
    return CodepipelineStageBeforeEntry(
        condition=CodepipelineStageBeforeEntryCondition(result="SKIP", rule=[rule])
    )
