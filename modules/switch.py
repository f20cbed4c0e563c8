"""The switch of a region, with which operators move devices away from it and back."""

from dataclasses import dataclass

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.route53_health_check import Route53HealthCheck
from constructs import Construct

from functions.contract import SWITCH_METRIC, switch_dimensions, switch_namespace
from modules.alarm import Alarm, AlarmInputs
from modules.context import Context
from modules.inputs import require
from modules.module import Module
from modules.switch_metric import SWITCH_ALARM, switch_alarm_name


@dataclass(frozen=True, kw_only=True)
class SwitchInputs:
    """The region that is switched, and the alarm region, whose CloudWatch has the switch.

    `alarm_provider` is the alarm region's, `check_provider` that of Route 53. `slot` is the check's
    logical id. `alarm_slot` is the alarm's; it contains the alarm region, so that another alarm
    region creates another alarm: with only another provider Terraform would not move it, since its
    state has the region. `topic_arn` is notified of every switch.
    """

    alarm_provider: AwsProvider
    check_provider: AwsProvider
    context: Context
    region: str
    alarm_region: str
    slot: str
    alarm_slot: str
    topic_arn: str


@dataclass(frozen=True, kw_only=True)
class SwitchOutputs:
    """The check's id, for calculated checks; it is unhealthy while devices are switched away."""

    check_id: str


class Switch(Module):
    """A CloudWatch alarm in another region, its alarm region, and a health check of its state.

    The switch is latched: without new data points the alarm keeps its state and the check its last
    status. Switching is one PutMetricData in the alarm region; it depends neither on the switched
    region nor on Route 53's control plane. A region may have two switches, in two alarm regions:
    either moves devices away (ADR 0039). Raises InputError if the alarm region is the switched
    region. Sources:
    docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html (ignore),
    docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-health-checks.html and
    docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
    (InsufficientDataHealthStatus), and for the copy of the alarm's settings
    docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-updating-cloudwatch-alarm-settings.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: SwitchInputs) -> None:
        require(
            inputs.alarm_region != inputs.region,
            Switch,
            "alarm_region",
            inputs.alarm_region,
            "another region than the one that is switched, which may be gone",
        )
        super().__init__(scope, id_)
        name = switch_alarm_name(inputs.context, inputs.region)
        alarm = Alarm(self, "alarm", _alarm(inputs, name))
        check = self.flat(
            Route53HealthCheck(
                self,
                "check",
                provider=inputs.check_provider,
                type="CLOUDWATCH_METRIC",
                cloudwatch_alarm_name=alarm.outputs.name,
                cloudwatch_alarm_region=inputs.alarm_region,
                insufficient_data_health_status="LastKnownStatus",
                # Route 53 copies the alarm's settings; a changed value makes it copy them again.
                triggers=dict(alarm.outputs.deciding),
                # Another name of the alarm itself would replace it, and lose its state.
                tags={"Name": f"{name} in {inputs.alarm_region}"},
                # Destroyed only after no calculated check refers to it: see EntryPoint. Terraform
                # then replaces the alarm, which it depends on, in that order too.
                lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
            ),
            inputs.slot,
        )
        self.outputs = SwitchOutputs(check_id=check.id)


def _alarm(inputs: SwitchInputs, name: str) -> AlarmInputs:
    environment = inputs.context.environment
    return AlarmInputs(
        provider=inputs.alarm_provider,
        slot=inputs.alarm_slot,
        name=name,
        description=f"Devices are switched away from {inputs.region};"
        f" alarm in {inputs.alarm_region}",
        namespace=switch_namespace(environment),
        metric=SWITCH_METRIC,
        dimensions=switch_dimensions(environment, inputs.region),
        topic_arn=inputs.topic_arn,
        **SWITCH_ALARM,
    )
