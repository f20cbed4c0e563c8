"""A region's endpoint for devices, with its alarms and the devices' IoT policy."""

from dataclasses import dataclass, replace

from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.alarm import Alarm, AlarmInputs, alarm_name
from modules.alarm_topic import AlarmTopic, AlarmTopicInputs
from modules.context import Context
from modules.device_policy import DevicePolicy, DevicePolicyInputs
from modules.module import Module
from modules.monitoring_names import region_topic_name
from modules.regional_endpoint import RegionalEndpoint, RegionalEndpointInputs
from modules.served_certificate import CERTIFICATE_EXPIRY, DAYS_LEFT

_DAY = 86_400


@dataclass(frozen=True, kw_only=True)
class _CertificateExpiryInputs:
    """The certificate's ARN, and the ARN of the topic to notify.

    `slot` is the logical id of the alarm; the end of its name is derived from it.
    """

    provider: AwsProvider
    context: Context
    certificate_arn: str
    topic_arn: str
    slot: str = CERTIFICATE_EXPIRY


class _CertificateExpiry(Module):
    """An alarm 30 days before expiry, about 15 days after ACM's first renewal attempt.

    ACM publishes `DaysToExpiry` twice a day:
    docs.aws.amazon.com/acm/latest/userguide/cloudwatch-metrics.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: _CertificateExpiryInputs) -> None:
        super().__init__(scope, id_)
        context = inputs.context
        Alarm(
            self,
            "alarm",
            AlarmInputs(
                provider=inputs.provider,
                slot=inputs.slot,
                name=alarm_name(context, inputs.slot.replace("_", "-")),
                description=f"The certificate that {context.region} serves ends within"
                f" {DAYS_LEFT} days: ACM has not renewed it.",
                namespace="AWS/CertificateManager",
                metric="DaysToExpiry",
                dimensions={"CertificateArn": inputs.certificate_arn},
                statistic="Minimum",
                comparison_operator="LessThanThreshold",
                threshold=DAYS_LEFT,
                period=_DAY,
                evaluation_periods=1,
                # A new certificate has no data for up to a day.
                treat_missing_data="ignore",
                topic_arn=inputs.topic_arn,
            ),
        )


@dataclass(frozen=True, kw_only=True)
class DeviceEndpointInputs(RegionalEndpointInputs):
    """Inputs of `RegionalEndpoint`, and the account of the alarm topic and the device policy.

    `policy_document` is that of `DevicePolicyInputs`.
    """

    account_id: str
    policy_document: str | None = None


@dataclass(frozen=True, kw_only=True)
class DeviceEndpointOutputs:
    """The regional name from its record, the alarm topic's ARN, and the devices' policy name."""

    regional_name: str
    topic_arn: str
    policy_name: str


class DeviceEndpoint:
    """The regional endpoint, the alarm topic, the certificate's expiry alarm, the device policy."""

    def __init__(self, scope: Construct, inputs: DeviceEndpointInputs) -> None:
        self._scope, self._inputs = scope, inputs
        topic_arn = self._topic()
        expiry = _CertificateExpiryInputs(
            provider=inputs.provider,
            context=inputs.context,
            certificate_arn=inputs.certificate_arn,
            topic_arn=topic_arn,
        )
        _CertificateExpiry(scope, "certificate_expiry", expiry)
        if inputs.adopted:
            # In every region, so that regions do not differ.
            slot = "device_name_certificate_expiry"
            arn = inputs.adopted.certificate_arn or inputs.certificate_arn
            _CertificateExpiry(scope, slot, replace(expiry, certificate_arn=arn, slot=slot))
        endpoint = RegionalEndpoint(scope, "endpoint", inputs).outputs
        self.outputs = DeviceEndpointOutputs(
            regional_name=endpoint.regional_name,
            topic_arn=topic_arn,
            policy_name=self._policy(),
        )

    def _topic(self) -> str:
        inputs = AlarmTopicInputs(
            provider=self._inputs.provider,
            name=region_topic_name(self._inputs.context),
            region=self._inputs.context.region,
            account_id=self._inputs.account_id,
        )
        return AlarmTopic(self._scope, "alarm_topic", inputs).outputs.arn

    def _policy(self) -> str:
        inputs = DevicePolicyInputs(
            provider=self._inputs.provider,
            context=self._inputs.context,
            account_id=self._inputs.account_id,
            document=self._inputs.policy_document,
            is_existing=bool(
                self._inputs.policy_document
                and self._inputs.adopted
                and self._inputs.adopted.certificate_arn
            ),
        )
        return DevicePolicy(self._scope, "device_policy", inputs).outputs.name
