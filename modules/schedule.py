"""A schedule on which a Lambda function is invoked."""

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from cdktf_cdktf_provider_aws.cloudwatch_event_target import CloudwatchEventTarget
from cdktf_cdktf_provider_aws.lambda_permission import LambdaPermission
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.function import FunctionOutputs
from modules.module import Module


@dataclass(frozen=True, kw_only=True)
class ScheduleInputs:
    """The function, a schedule expression (`rate(1 minute)`), and the rule's name and description.

    `slot` is the logical id; `target_id` identifies the function among the rule's targets.
    """

    provider: AwsProvider
    slot: str
    name: str
    description: str
    expression: str
    function: FunctionOutputs
    target_id: str


class Schedule(Module):
    """An EventBridge rule that invokes one function, and the function's permission for that rule.

    docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html
    """

    def __init__(self, scope: Construct, id_: str, inputs: ScheduleInputs) -> None:
        super().__init__(scope, id_)
        provider, slot, function = inputs.provider, inputs.slot, inputs.function
        rule = self.flat(
            CloudwatchEventRule(
                self,
                "rule",
                provider=provider,
                name=inputs.name,
                description=inputs.description,
                schedule_expression=inputs.expression,
            ),
            slot,
        )
        self.flat(
            CloudwatchEventTarget(
                self,
                "target",
                provider=provider,
                rule=rule.name,
                target_id=inputs.target_id,
                arn=function.arn,
            ),
            slot,
        )
        self.flat(
            LambdaPermission(
                self,
                "permission",
                provider=provider,
                statement_id="Schedule",
                action="lambda:InvokeFunction",
                function_name=function.name,
                principal="events.amazonaws.com",
                source_arn=rule.arn,
            ),
            slot,
        )
