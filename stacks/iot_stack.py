"""The stack of a region's endpoint for devices."""

from constructs import Construct

from environments.existing_files import policy_document
from environments.settings import LookedUpZone, Settings
from modules.certificate import Certificate, CertificateInputs, released_record
from modules.deep_health import DeepHealth, DeepHealthInputs
from modules.device_endpoint import DeviceEndpoint, DeviceEndpointInputs, DeviceEndpointOutputs
from modules.regional_endpoint import AdoptedDeviceName
from modules.stack_names import stack_name
from stacks.base_stack import BaseStack
from stacks.graph import StackNode
from stacks.hosted_zone_reference import HostedZoneReference


class IoTStack(BaseStack):
    """A region's endpoint, certificate and device policy, the same for a primary and a standby.

    It has a provider for its own region only, so it can be planned and applied while all other
    regions are down; if the home region is down too, it reads the hosted zone's outputs from the
    copy (ADR 0008). Route 53 is a global service: its API needs no provider in us-east-1.
    """

    def __init__(self, scope: Construct, node: StackNode, settings: Settings) -> None:
        super().__init__(scope, node, settings, [node.region])
        self._region = node.region
        endpoint = self._endpoint(self._zone())
        if settings.health.mode == "deep":
            self.hand_over(
                "deep_check_id", self._deep_check(endpoint), "Check of a message's whole way"
            )
        regional_name = endpoint.regional_name
        self.hand_over("regional_name", regional_name, "Name that always leads to this region")
        self.hand_over("alarm_topic_arn", endpoint.topic_arn, "Topic of this region's alarms")
        self.hand_over("device_policy_name", endpoint.policy_name, "IoT policy for devices")

    def _zone(self) -> HostedZoneReference:
        settings = self.settings
        if isinstance(settings.zone, LookedUpZone):
            provider = self.provider(self._region)
            return HostedZoneReference.from_lookup(self, settings.zone_name, provider)
        return HostedZoneReference.from_remote_state(
            self.remote_state(stack_name(settings.environment, "hosted-zone"))
        )

    def _endpoint(self, zone: HostedZoneReference) -> DeviceEndpointOutputs:
        inputs = DeviceEndpointInputs(
            provider=self.provider(self._region),
            context=self.context,
            account_id=self.settings.account_id,
            zone_id=zone.zone_id,
            device_name=self.settings.device_name,
            regional_name=self.settings.regional_name(self._region),
            certificate_arn=self._certificate(zone),
            tls_policy=self.settings.endpoint.tls_policy,
            ttl=self.settings.endpoint.ttl,
            adopted=self._adopted(),
            policy_document=policy_document(self.settings, self._region),
        )
        return DeviceEndpoint(self, inputs).outputs

    def _adopted(self) -> AdoptedDeviceName | None:
        existing = self.settings.existing
        if existing is None:
            return None
        is_here = existing.region == self._region
        return AdoptedDeviceName(
            existing.domain_configuration, existing.certificate_arn if is_here else None
        )

    def _certificate(self, zone: HostedZoneReference) -> str:
        settings = self.settings
        if settings.is_certificate_in_zone(self._region) or isinstance(settings.zone, LookedUpZone):
            return zone.certificate_arn
        has_record = (
            self._region == settings.certificate_region and not settings.is_validated_elsewhere
        )
        if settings.certificate_region and not has_record:
            self.add_override("removed", [released_record()])
        inputs = CertificateInputs(
            provider=self.provider(self._region),
            zone_name=settings.endpoint_domain,
            timeout_minutes=settings.endpoint.certificate_minutes,
            validation_zone_id=zone.zone_id if has_record else None,
            takes_over=has_record,
        )
        return Certificate(self, "certificate", inputs).outputs.arn

    def _deep_check(self, endpoint: DeviceEndpointOutputs) -> str:
        health = self.settings.health
        inputs = DeepHealthInputs(
            provider=self.provider(self._region),
            context=self.context,
            account_id=self.settings.account_id,
            regional_name=endpoint.regional_name,
            interval=health.interval,
            threshold=health.threshold,
            topic_arn=endpoint.topic_arn,
        )
        return DeepHealth(self, inputs).outputs.check_id
