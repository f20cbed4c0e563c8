"""The stack of the environment's public hosted zone and the home region's certificate."""

from constructs import Construct

from environments.settings import ExistingZone, LookedUpZone, Settings
from modules.certificate import Certificate, CertificateInputs
from modules.hosted_zone import HostedZone, HostedZoneInputs, HostedZoneOutputs
from modules.zone_lookup import ZoneLookup, ZoneLookupInputs
from stacks.base_stack import BaseStack
from stacks.graph import StackNode


class HostedZoneStack(BaseStack):
    """The hosted zone, and the home region's certificate with all regions' validation record.

    The certificate is not in the home region's `IoTStack`, since that record must exist before any
    region's. A certificate for the record only would not be renewed: ACM renews only certificates
    in use (docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html).
    """

    def __init__(self, scope: Construct, node: StackNode, settings: Settings) -> None:
        super().__init__(scope, node, settings, [settings.home_region])
        zone = self._zone()
        certificate = Certificate(
            self,
            "certificate",
            CertificateInputs(
                provider=self.provider(settings.home_region),
                zone_name=settings.zone_name,
                timeout_minutes=settings.endpoint.certificate_minutes,
                validation_zone_id=None if self._is_validated else zone.zone_id,
            ),
        )
        self.hand_over("zone_id", zone.zone_id, "Id of the environment's hosted zone")
        self.hand_over("zone_name", settings.zone_name, "Name of the environment's hosted zone")
        self.hand_over("name_servers", zone.name_servers, "Name servers to set at the parent zone")
        self.hand_over(
            "certificate_arn",
            certificate.outputs.arn,
            f"Certificate for *.{settings.zone_name} in {settings.home_region}",
        )

    @property
    def _is_validated(self) -> bool:
        """Whether the zone has the validation record already, which its owner keeps."""
        return self.settings.existing is not None and self.settings.existing.validation_record

    def _zone(self) -> HostedZoneOutputs:
        zone = self.settings.zone
        assert not isinstance(zone, LookedUpZone)  # noqa: S101 - then the graph has no such stack
        if isinstance(zone, ExistingZone):
            existing = ZoneLookupInputs(
                provider=self.provider(self.settings.home_region),
                zone_id=zone.id,
                zone_name=self.settings.zone_name,
            )
            return ZoneLookup(self, "existing_zone", existing).outputs
        inputs = HostedZoneInputs(
            provider=self.provider(self.settings.home_region),
            zone_name=self.settings.zone_name,
            parent_zone_id=None if zone.delegation == "manual" else zone.delegation,
        )
        return HostedZone(self, "hosted_zone", inputs).outputs
