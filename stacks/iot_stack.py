"""All that a region needs to serve devices."""

from constructs import Construct

from environments.settings import Settings
from modules.certificate import Certificate, CertificateInputs
from modules.device_policy import DevicePolicy, DevicePolicyInputs
from modules.regional_endpoint import RegionalEndpoint, RegionalEndpointInputs
from stacks.base_stack import BaseStack
from stacks.graph import StackNode
from stacks.hosted_zone_reference import HostedZoneReference
from stacks.platform_graph import stack_name


class IoTStack(BaseStack):
    """One region's endpoint, certificate and device policy, the same for primary and standby.

    It holds a provider for its own region only, and so plans and applies with every other region
    gone: while home is gone too, it reads the zone's hand-over from the copy (ADR 0008). Route 53
    is a global service whose control plane is in us-east-1; its calls need no provider there.
    """

    def __init__(self, scope: Construct, node: StackNode, settings: Settings) -> None:
        super().__init__(scope, node, settings, [node.region])
        self._region = node.region
        zone = HostedZoneReference.from_remote_state(
            self.remote_state(stack_name(settings.environment, "hosted-zone"))
        )
        endpoint = self._endpoint(zone)
        policy = DevicePolicy(
            self,
            "device_policy",
            DevicePolicyInputs(
                provider=self.provider(self._region),
                context=self.context,
                account_id=settings.account_id,
            ),
        )
        self.hand_over(
            "regional_name", endpoint.outputs.regional_name, "Name that always leads to this region"
        )
        self.hand_over("device_policy_name", policy.outputs.name, "IoT policy for devices")

    def _endpoint(self, zone: HostedZoneReference) -> RegionalEndpoint:
        return RegionalEndpoint(
            self,
            "endpoint",
            RegionalEndpointInputs(
                provider=self.provider(self._region),
                context=self.context,
                zone_id=zone.zone_id,
                device_name=self.settings.device_name,
                regional_name=self.settings.regional_name(self._region),
                certificate_arn=self._certificate_arn(zone),
                tls_policy=self.settings.endpoint.tls_policy,
                ttl=self.settings.endpoint.ttl,
            ),
        )

    def _certificate_arn(self, zone: HostedZoneReference) -> str:
        if self._region == self.settings.home_region:
            return zone.certificate_arn
        inputs = CertificateInputs(
            provider=self.provider(self._region), zone_name=self.settings.zone_name
        )
        return Certificate(self, "certificate", inputs).outputs.arn
