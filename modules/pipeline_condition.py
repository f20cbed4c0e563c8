"""The conditions of a pipeline's stages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cdktf_cdktf_provider_aws.codepipeline import (
    CodepipelineStageBeforeEntry,
    CodepipelineStageBeforeEntryCondition,
    CodepipelineStageBeforeEntryConditionRule,
    CodepipelineStageBeforeEntryConditionRuleRuleTypeId,
    CodepipelineStageOnSuccess,
    CodepipelineStageOnSuccessCondition,
    CodepipelineStageOnSuccessConditionRule,
    CodepipelineStageOnSuccessConditionRuleRuleTypeId,
)

MOST_RULES: Final = 5
"""As many rules one condition may have (docs.aws.amazon.com/codepipeline/latest/APIReference/
API_Condition.html)."""


@dataclass(frozen=True, kw_only=True)
class WatchedAlarm:
    """An alarm that must keep quiet: what it is about, its name, and the region it stands in."""

    about: str
    name: str
    region: str


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


def quiet(alarms: Sequence[WatchedAlarm], minutes: int) -> CodepipelineStageOnSuccess | None:
    """Let a stage succeed only if no alarm goes off for some minutes; None where there is none.

    All rules of a condition must be met. An operator can override this one, such as while a
    region is gone and its alarm with it. `AlarmStates` stays out, as in AWS's own example: its
    page tells "the desired states to monitor", not whether those pass or fail. Sources, below
    docs.aws.amazon.com/codepipeline/latest/userguide: stage-conditions.html,
    rule-reference-CloudWatchAlarm.html.
    """
    if not alarms:
        return None
    rules = [
        CodepipelineStageOnSuccessConditionRule(
            name=alarm.about,
            rule_type_id=CodepipelineStageOnSuccessConditionRuleRuleTypeId(
                category="Rule", owner="AWS", provider="CloudWatchAlarm", version="1"
            ),
            configuration={"AlarmName": alarm.name, "WaitTime": str(minutes)},
            region=alarm.region,
        )
        for alarm in alarms
    ]
    return CodepipelineStageOnSuccess(
        condition=CodepipelineStageOnSuccessCondition(result="FAIL", rule=rules)
    )
