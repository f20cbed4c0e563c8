"""The conditions of a pipeline's stages."""

from cdktf_cdktf_provider_aws.codepipeline import (
    CodepipelineStageBeforeEntry,
    CodepipelineStageBeforeEntryCondition,
    CodepipelineStageBeforeEntryConditionRule,
    CodepipelineStageBeforeEntryConditionRuleRuleTypeId,
)


def only_if(variable: str, value: str) -> CodepipelineStageBeforeEntry:
    """Enter a stage only if a variable has that value, and skip it whole otherwise.

    Nobody can override a condition that skips. Sources, below docs.aws.amazon.com/codepipeline/
    latest/userguide: stage-conditions.html, rule-reference-VariableCheck.html.
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
