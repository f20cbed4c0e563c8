"""The device name: the one name that leads to a healthy region."""

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf import ITerraformDependable, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.route53_record import (
    Route53Record,
    Route53RecordAlias,
    Route53RecordFailoverRoutingPolicy,
)
from constructs import Construct

from modules.inputs import refuse_unless
from modules.module import Module
from modules.number import Number

_REGIONS = range(2, 6)


@dataclass(frozen=True, kw_only=True)
class EntryRegion:
    """One region behind the device name: where its name leads, and the checks that speak for it.

    `primary_check_id` is asked while the region is the device name's primary, `standby_check_id`
    while it is a standby with another behind it, `last_check_id` while it is the last.
    """

    regional_name: str
    primary_check_id: str
    standby_check_id: str
    last_check_id: str


@dataclass(frozen=True, kw_only=True)
class EntryPointInputs:
    """The device name `{label}.{zone_name}` and its regions, the primary first; `ttl` in s."""

    provider: AwsProvider
    zone_id: str
    zone_name: str
    label: str
    ttl: Number
    regions: Sequence[EntryRegion]


@dataclass(frozen=True, kw_only=True)
class EntryPointOutputs:
    """The device name as its PRIMARY record has it."""

    device_name: str


class EntryPoint(Module):
    """Failover records of the device name, and of a nested name for each region past the second.

    A name may have one PRIMARY and one SECONDARY record. With more than two regions the SECONDARY
    is an alias to a nested name that is itself such a pair, so the chain follows the order of the
    regions. Logical ids go by slot, not by region: a change of primary changes values in place,
    in one state. A CNAME cannot stand at the zone's apex, so the device name has a label. No
    standby is judged by a check that must connect through a broker which a whole fleet storms: it
    would fail, and with all failed the answer is the PRIMARY again (ADR 0012). Sources:
    docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-types.html,
    docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-complex-configs.html,
    docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-failover-alias.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: EntryPointInputs) -> None:
        count = len(inputs.regions)
        refuse_unless(count in _REGIONS, EntryPoint, "regions", count, "2 to 5 regions")
        refuse_unless(
            bool(inputs.label) and "." not in inputs.label,
            EntryPoint,
            "label",
            inputs.label,
            "one DNS label: a CNAME cannot stand at the zone's apex",
        )
        super().__init__(scope, id_)
        self._inputs = inputs
        # The last pair first: an alias's target exists before what points at it.
        below = self._last_pair()
        for slot in range(count - 2, 0, -1):
            below = self._pair_above(slot, below)
        self.outputs = EntryPointOutputs(device_name=below[0].fqdn)

    def _last_pair(self) -> tuple[Route53Record, Route53Record]:
        *_, first, second = self._inputs.regions
        slot = len(self._inputs.regions) - 1
        secondary = self._leads_to(slot, "SECONDARY", second.regional_name, second.last_check_id)
        return self._primary(slot, first), secondary

    def _pair_above(
        self, slot: int, below: tuple[Route53Record, Route53Record]
    ) -> tuple[Route53Record, Route53Record]:
        primary = self._primary(slot, self._inputs.regions[slot - 1])
        alias = Route53RecordAlias(
            name=self._name(slot + 1), zone_id=self._inputs.zone_id, evaluate_target_health=True
        )
        return primary, self._record(slot, "SECONDARY", alias=alias, depends_on=list(below))

    def _name(self, slot: int) -> str:
        label = self._inputs.label if slot == 1 else f"{self._inputs.label}-standby-{slot - 1}"
        return f"{label}.{self._inputs.zone_name}"

    def _primary(self, slot: int, region: EntryRegion) -> Route53Record:
        check_id = region.primary_check_id if slot == 1 else region.standby_check_id
        return self._leads_to(slot, "PRIMARY", region.regional_name, check_id)

    def _leads_to(self, slot: int, side: str, name: str, check_id: str) -> Route53Record:
        return self._record(
            slot, side, ttl=self._inputs.ttl, records=[name], health_check_id=check_id
        )

    def _record(  # noqa: PLR0913 - the two kinds of record differ in these arguments alone
        self,
        slot: int,
        side: str,
        *,
        ttl: Number | None = None,
        records: list[str] | None = None,
        health_check_id: str | None = None,
        alias: Route53RecordAlias | None = None,
        depends_on: Sequence[ITerraformDependable] | None = None,
    ) -> Route53Record:
        logical_id = f"failover_{slot}_{side.lower()}"
        return self.flat(
            Route53Record(
                self,
                logical_id,
                provider=self._inputs.provider,
                zone_id=self._inputs.zone_id,
                name=self._name(slot),
                type="CNAME",
                set_identifier=side.lower(),
                failover_routing_policy=Route53RecordFailoverRoutingPolicy(type=side),
                ttl=ttl,
                records=records,
                health_check_id=health_check_id,
                alias=alias,
                depends_on=depends_on,
                # When a region leaves, what led to it is moved before its pair and checks go.
                lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
            ),
            logical_id,
        )
