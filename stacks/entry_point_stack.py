"""The stack of the device name: failover records and health checks of all regions."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from cdktf import Fn, ITerraformDependable, Token
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.route53_record import Route53Record
from constructs import Construct

from environments.settings import ExistingZone, LookedUpZone, Settings
from modules.alarm_topic import AlarmTopic, AlarmTopicInputs
from modules.dashboard import Dashboard, DashboardInputs
from modules.entry_point import (
    DEVICE_NAME_RECORDS,
    SERVING_REGION,
    Adoption,
    EntryPoint,
    EntryPointInputs,
)
from modules.global_region import GLOBAL_REGION
from modules.monitoring_names import checks_topic_name
from modules.region_checks import CheckedRegion, RegionChecks, RegionChecksInputs
from modules.removed_block import removed
from modules.stack_names import stack_name
from modules.switch_publisher import SwitchPublisher, SwitchPublisherInputs
from modules.switch_slots import PUBLISHER, WATCHER
from modules.watcher import WatchedRegion, Watcher, WatcherInputs
from modules.zone_lookup import ZoneLookup, ZoneLookupInputs
from stacks.base_stack import BaseStack
from stacks.graph import StackNode
from stacks.hosted_zone_reference import HostedZoneReference
from stacks.state_location import CUT_OVER_OUTPUT


class EntryPointStack(BaseStack):
    """The records of the device name, and the checks and switches of all regions, in one state.

    Only this stack depends on which region is primary (ADR 0002). Records in two states could not
    change together; in one, a change of primary never passes through two PRIMARY records, or none.
    The health checks are here too (ADR 0011), except the deep checks, whose ids the regional stacks
    hand over (ADR 0012). It has a provider for each region, since each switch is in another region
    than the one it switches; a leaving region has one so that Terraform can destroy its resources.
    """

    def __init__(self, scope: Construct, node: StackNode, settings: Settings) -> None:
        regions = dict.fromkeys([GLOBAL_REGION, *settings.regions, *settings.leaving_regions])
        super().__init__(scope, node, settings, regions)
        zone_id, adoption = self._zone_id(), self._adoption
        self._topic_arn = self._topic()
        self._watchers = list[ITerraformDependable]()
        # In the settings' order, which a change of primary does not change.
        self._regions = {region: self._checked_region(region) for region in settings.regions}
        checks = {region: self._checks(region) for region in settings.regions}
        entry_point = EntryPoint(
            self,
            "entry_point",
            EntryPointInputs(
                provider=self._route53,
                zone_id=zone_id,
                zone_name=settings.endpoint_domain,
                label=settings.endpoint.label,
                ttl=settings.endpoint.ttl,
                regions=[checks[region].outputs for region in settings.failover_order],
                adoption=adoption,
            ),
        )
        if adoption and not adoption.is_cut_over:
            self._wait_for_cut_over(entry_point.outputs.records)
        elif settings.recovery.fail_back == "latched":
            self._watch({region: each.watched for region, each in checks.items()})
        for region in settings.regions:
            self._publish(region)
        dashboard = DashboardInputs(
            provider=self._route53,
            context=self.context,
            checks={region: each.ids for region, each in checks.items()},
            has_data=settings.data is not None,
        )
        Dashboard(self, "dashboard", dashboard)
        self.hand_over(
            "device_name", entry_point.outputs.device_name, "The one name that devices connect to"
        )
        self.hand_over(
            "health_check_ids",
            # A string token: for a mapping, CDKTF calls a deprecated API of Node, which warns.
            Token.as_string(Fn.merge([{region: each.ids for region, each in checks.items()}])),
            "Health checks by region and what they are",
        )
        self.hand_over("alarm_topic_arn", self._topic_arn, "Topic of the health checks' alarms")
        self.hand_over("primary_region", settings.primary_region, SERVING_REGION)

    @property
    def _adoption(self) -> Adoption | None:
        existing, zone = self.settings.existing, self.settings.zone
        if existing is None or not isinstance(zone, ExistingZone):
            return None
        return Adoption(zone_id=zone.id, is_cut_over=existing.cut_over)

    def _wait_for_cut_over(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Hand over the records of the device name, and forget them if they were imported.

        There is no watcher: the device name does not lead to the regions by their names yet. With
        `removed`, `cut_over: false` never destroys the records that devices use.
        """
        self.hand_over(
            CUT_OVER_OUTPUT,
            Token.as_string(Fn.jsonencode(list(records))),
            "Failover records of the device name, for iot-dr adopt cut-over",
        )
        record = Route53Record.TF_RESOURCE_TYPE
        self.add_override("removed", [removed(f"{record}.{id_}") for id_ in DEVICE_NAME_RECORDS])

    @property
    def _route53(self) -> AwsProvider:
        return self.provider(GLOBAL_REGION)

    def _zone_id(self) -> str:
        settings = self.settings
        if isinstance(settings.zone, LookedUpZone):
            inputs = ZoneLookupInputs(provider=self._route53, zone_name=settings.zone_name)
            return ZoneLookup(self, "zone", inputs).outputs.zone_id
        state = self.remote_state(stack_name(settings.environment, "hosted-zone"))
        return HostedZoneReference.from_remote_state(state).zone_id

    def _topic(self) -> str:
        inputs = AlarmTopicInputs(
            provider=self._route53,
            name=checks_topic_name(self.context),
            region=GLOBAL_REGION,
            account_id=self.settings.account_id,
        )
        return AlarmTopic(self, "alarm_topic", inputs).outputs.arn

    def _checked_region(self, region: str) -> CheckedRegion:
        state = self.remote_state(stack_name(self.settings.environment, "iot", region))
        is_deep = self.settings.health.mode == "deep"
        return CheckedRegion(
            provider=self.provider(region),
            region=region,
            slot=region.replace("-", "_"),
            regional_name=state.get_string("regional_name"),
            deep_check_id=state.get_string("deep_check_id") if is_deep else None,
            topic_arn=state.get_string("alarm_topic_arn"),
        )

    def _checks(self, region: str) -> RegionChecks:
        health = self.settings.health
        inputs = RegionChecksInputs(
            provider=self._route53,
            context=self.context,
            checked=self._regions[region],
            alarm_regions=[
                self._regions[alarm_region] for alarm_region in self.settings.alarm_regions(region)
            ],
            interval=health.interval,
            threshold=health.threshold,
            topic_arn=self._topic_arn,
        )
        return RegionChecks(self, inputs)

    def _watch(self, regions: Mapping[str, WatchedRegion]) -> None:
        """Create a watcher in each standby for the region before it in the order of failover."""
        order = self.settings.failover_order
        for place, (watched, own) in enumerate(pairwise(order)):
            self._watcher(regions, watched, own, earlier=order[:place])

    def _watcher(
        self,
        regions: Mapping[str, WatchedRegion],
        watched: str,
        own: str,
        *,
        earlier: Sequence[str],
    ) -> None:
        health, region = self.settings.health, self._regions[own]
        slot = f"{WATCHER}{region.slot}"
        watcher = Watcher(
            self,
            slot,
            WatcherInputs(
                provider=region.provider,
                context=self.context,
                account_id=self.settings.account_id,
                device_name=self.settings.device_name,
                ttl=self.settings.endpoint.ttl,
                primary=regions[watched],
                earlier=earlier,
                own=regions[own],
                regions=tuple(regions.values()),
                # As its record: a standby that has received the fleet is overloaded (ADR 0012).
                mode="shallow" if earlier else health.mode,
                interval=health.interval,
                threshold=health.threshold,
                slot=slot,
                topic_arn=region.topic_arn,
            ),
        )
        self._watchers += watcher.outputs.dependencies

    def _publish(self, name: str) -> None:
        """Create the publisher of a region; each region has the alarm of another one's switch."""
        region = self._regions[name]
        slot = f"{PUBLISHER}{region.slot}"
        SwitchPublisher(
            self,
            slot,
            SwitchPublisherInputs(
                provider=region.provider,
                context=self.context,
                account_id=self.settings.account_id,
                region=name,
                regions=self.settings.regions,
                slot=slot,
                topic_arn=region.topic_arn,
                watchers=self._watchers,
            ),
        )
