"""The device name, its failover records and their checks, for all regions in one state."""

from constructs import Construct

from environments.settings import Settings
from modules.entry_point import EntryPoint, EntryPointInputs, EntryRegion
from modules.health_check import TcpHealthCheck, TcpHealthCheckInputs
from stacks.base_stack import BaseStack
from stacks.graph import StackNode
from stacks.hosted_zone_reference import HostedZoneReference
from stacks.platform_graph import stack_name

# Route 53 takes changes in us-east-1 alone, so a provider there adds no region to depend on:
# docs.aws.amazon.com/Route53/latest/DeveloperGuide/disaster-recovery-resiliency.html
_ROUTE53_REGION = "us-east-1"
# The name is a tag: docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-tagging.html
_CHECK_NAME_LIMIT = 255


class EntryPointStack(BaseStack):
    """The only stack that knows which region is primary (ADR 0002).

    The records of two states cannot change together: with one owner a change of primary never
    passes through two PRIMARY records, or none. The checks are here too, because a check that is
    replaced must not go before the record that asks it has another one (ADR 0011).
    """

    def __init__(self, scope: Construct, node: StackNode, settings: Settings) -> None:
        super().__init__(scope, node, settings, [_ROUTE53_REGION])
        zone = HostedZoneReference.from_remote_state(
            self.remote_state(stack_name(settings.environment, "hosted-zone"))
        )
        # In the file's order, which a change of primary does not touch.
        regions = {region: self._region(region) for region in settings.regions}
        entry_point = EntryPoint(
            self,
            "entry_point",
            EntryPointInputs(
                provider=self.provider(_ROUTE53_REGION),
                zone_id=zone.zone_id,
                zone_name=settings.zone_name,
                label=settings.endpoint.label,
                ttl=settings.endpoint.ttl,
                regions=[regions[region] for region in settings.failover_order],
            ),
        )
        self.hand_over(
            "device_name", entry_point.outputs.device_name, "The one name that devices connect to"
        )

    def _region(self, region: str) -> EntryRegion:
        state = self.remote_state(stack_name(self.settings.environment, "iot", region))
        regional_name = state.get_string("regional_name")
        slot = region.replace("-", "_")
        check = TcpHealthCheck(
            self,
            f"check_{slot}",
            TcpHealthCheckInputs(
                provider=self.provider(_ROUTE53_REGION),
                name=self.context.name(f"tcp-{region}", _CHECK_NAME_LIMIT),
                regional_name=regional_name,
                interval=self.settings.health.interval,
                threshold=self.settings.health.threshold,
                slot=slot,
            ),
        )
        return EntryRegion(regional_name=regional_name, check_id=check.outputs.check_id)
