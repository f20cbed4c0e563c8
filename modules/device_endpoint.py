"""What devices connect to in a region: its names, what they may do there, and who is told."""

from dataclasses import dataclass

from constructs import Construct

from modules.alarm_topic import AlarmTopic, AlarmTopicInputs, region_topic_name
from modules.certificate_expiry import CertificateExpiry, CertificateExpiryInputs
from modules.device_policy import DevicePolicy, DevicePolicyInputs
from modules.regional_endpoint import RegionalEndpoint, RegionalEndpointInputs


@dataclass(frozen=True, kw_only=True)
class DeviceEndpointInputs(RegionalEndpointInputs):
    """What the endpoint is made of, and the account whose alarms and devices these are."""

    account_id: str


@dataclass(frozen=True, kw_only=True)
class DeviceEndpointOutputs:
    """The regional name as its record has it, the topic of alarms, and the devices' policy."""

    regional_name: str
    topic_arn: str
    policy_name: str


class DeviceEndpoint:
    """The endpoint, the alarm on its certificate and its topic, the devices' policy."""

    def __init__(self, scope: Construct, inputs: DeviceEndpointInputs) -> None:
        self._scope, self._inputs = scope, inputs
        topic_arn = self._topic()
        expiry = CertificateExpiryInputs(
            provider=inputs.provider,
            context=inputs.context,
            certificate_arn=inputs.certificate_arn,
            topic_arn=topic_arn,
        )
        CertificateExpiry(scope, "certificate_expiry", expiry)
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
        )
        return DevicePolicy(self._scope, "device_policy", inputs).outputs.name
