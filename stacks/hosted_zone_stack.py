"""The stack of the environment's public hosted zone and the home region's certificate."""

from constructs import Construct

from environments.settings import ExistingZone, LookedUpZone, Settings
from modules.certificate import (
    Certificate,
    CertificateInputs,
    released_certificate,
    released_record,
)
from modules.hosted_zone import OUTPUTS, HostedZone, HostedZoneInputs, HostedZoneOutputs
from modules.zone_lookup import ZoneLookup, ZoneLookupInputs
from stacks.base_stack import BaseStack
from stacks.graph import StackNode


class HostedZoneStack(BaseStack):
    """The hosted zone, and the home region's certificate with all regions' validation record.

    The certificate is not in the home region's `IoTStack`, since that record must exist before any
    region's. A certificate for the record only would not be renewed: ACM renews only certificates
    in use (docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html). With a
    `certificate_region` the certificate and the record are in the stacks of regions (ADR 0042).
    """

    def __init__(self, scope: Construct, node: StackNode, settings: Settings) -> None:
        # A home that leaves has a certificate in this state, which Terraform has to forget.
        former = settings.leaving_regions if settings.certificate_region else ()
        super().__init__(scope, node, settings, [settings.home_region, *former])
        zone = self._zone()
        self.hand_over("zone_id", zone.zone_id, OUTPUTS["zone_id"])
        self.hand_over("zone_name", settings.zone_name, OUTPUTS["zone_name"])
        self.hand_over("name_servers", zone.name_servers, OUTPUTS["name_servers"])
        if settings.certificate_region:
            self.add_override("removed", [*released_certificate(), released_record()])
        else:
            self._certificate(zone.zone_id)

    def _certificate(self, zone_id: str) -> None:
        settings = self.settings
        inputs = CertificateInputs(
            provider=self.provider(settings.home_region),
            zone_name=settings.endpoint_domain,
            timeout_minutes=settings.endpoint.certificate_minutes,
            validation_zone_id=None if settings.is_validated_elsewhere else zone_id,
        )
        self.hand_over(
            "certificate_arn",
            Certificate(self, "certificate", inputs).outputs.arn,
            f"Certificate for *.{settings.endpoint_domain} in {settings.home_region}",
        )

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
