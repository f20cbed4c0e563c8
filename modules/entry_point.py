"""The device name, whose DNS records lead devices to a healthy region."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cdktf import ITerraformDependable, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.route53_record import (
    Route53Record,
    Route53RecordAlias,
    Route53RecordFailoverRoutingPolicy,
)
from constructs import Construct

from functions.contract import REGIONS
from modules.inputs import require
from modules.module import Module
from modules.number import Number
from modules.record_ttl import require_valid_ttl


@dataclass(frozen=True, kw_only=True)
class EntryRegion:
    """A region that the device name can lead to, and the ids of its health checks.

    `primary_check_id` is used while the region is the primary, `standby_check_id` while it is a
    standby that another standby follows, and `last_check_id` while it is the last standby.
    """

    regional_name: str
    primary_check_id: str
    standby_check_id: str
    last_check_id: str


@dataclass(frozen=True, kw_only=True)
class Adoption:
    """A device name that has a record from before, in a zone whose id is a literal (ADR 0041).

    Until the cut-over its failover records are handed over to `iot-dr adopt cut-over`; then
    Terraform imports those that the command has created.
    """

    zone_id: str
    is_cut_over: bool


@dataclass(frozen=True, kw_only=True)
class EntryPointInputs:
    """The device name `{label}.{zone_name}`, its regions (primary first), and `ttl` in seconds.

    `zone_name` may be a subdomain of the zone with the id. `adoption` is set if the device name had
    a record before.
    """

    provider: AwsProvider
    zone_id: str
    zone_name: str
    label: str
    ttl: Number
    regions: Sequence[EntryRegion]
    adoption: Adoption | None = None


@dataclass(frozen=True, kw_only=True)
class EntryPointOutputs:
    """The device name, from its PRIMARY record.

    `records` are its failover records in the form of Route 53's API, as long as they are not
    created here.
    """

    device_name: str
    records: Sequence[Mapping[str, Any]] = ()


SERVING_REGION: Final = "Region that serves"
"""Description of the output `primary_region`."""

DEVICE_NAME_RECORDS = ("failover_1_primary", "failover_1_secondary")
"""The logical ids of the two failover records of the device name."""


def _targets(regions: Sequence[EntryRegion]) -> list[tuple[str, str]]:
    """Return regional names with the ids of their checks, in the order in which they are tried.

    With more than two regions a SECONDARY is an alias for a nested name with its own pair, so
    devices fail over in the order of the regions. After the last region come the standbys before it
    once more, without their switches: a standby that was switched away still serves when nothing
    else does (ADR 0039).
    """
    first, *others, last = regions
    return [
        (first.regional_name, first.primary_check_id),
        *((other.regional_name, other.standby_check_id) for other in others),
        (last.regional_name, last.last_check_id),
        *((other.regional_name, other.last_check_id) for other in others),
    ]


class EntryPoint(Module):
    """Failover records of the device name.

    A name can have one PRIMARY and one SECONDARY record. Their names in the state have the position
    and not the region, so a change of primary updates records in place, in one state. A standby's
    checks do not publish through its broker: right after a failover the whole fleet reconnects,
    such a check could fail, and when all checks fail Route 53 answers with the PRIMARY (ADR 0012).
    Raises InputError unless there are 2 to 5 regions, Route 53 accepts the TTL and the
    label is a single one: the zone's apex cannot have a CNAME. Sources:
    docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-types.html,
    docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-complex-configs.html,
    docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-failover-alias.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: EntryPointInputs) -> None:
        count = len(inputs.regions)
        require(count in REGIONS, EntryPoint, "regions", count, "2 to 5 regions")
        require(
            bool(inputs.label) and "." not in inputs.label,
            EntryPoint,
            "label",
            inputs.label,
            "one DNS label: a CNAME cannot stand at the zone's apex",
        )
        require_valid_ttl(EntryPoint, inputs.ttl)
        super().__init__(scope, id_)
        self._inputs = inputs
        self._handed_over: list[Mapping[str, Any]] = []
        targets = _targets(inputs.regions)
        leads = list[Route53Record | None]()
        for place, target in enumerate(targets):
            leads.append(self._leads_to(place, len(targets), target, leads))
        *primaries, secondary = leads
        # The last pair first: an alias's target must exist before the alias.
        below = primaries[-1], secondary
        for slot in range(len(primaries) - 1, 0, -1):
            below = primaries[slot - 1], self._alias(slot, below)
        primary = primaries[0]
        self.outputs = EntryPointOutputs(
            device_name=primary.fqdn if primary else self._name(1), records=self._handed_over
        )

    def _alias(self, slot: int, below: Sequence[Route53Record | None]) -> Route53Record | None:
        alias = Route53RecordAlias(
            name=self._name(slot + 1), zone_id=self._inputs.zone_id, evaluate_target_health=True
        )
        depends_on = [record for record in below if record]
        return self._record(slot, "SECONDARY", alias=alias, depends_on=depends_on)

    def _name(self, slot: int) -> str:
        label = self._inputs.label if slot == 1 else f"{self._inputs.label}-standby-{slot - 1}"
        return f"{label}.{self._inputs.zone_name}"

    def _leads_to(
        self,
        place: int,
        count: int,
        target: tuple[str, str],
        earlier: Sequence[Route53Record | None],
    ) -> Route53Record | None:
        """Create the record of the target at a place; `earlier` are those of the places before.

        Terraform changes the device name's record first, then those of the standbys, then those
        that try standbys once more. So at no moment of a change of primary do all records lead to
        the old primary, and while two regions are healthy, one of them is answered (ADR 0002).
        """
        is_last = place == count - 1
        regions = len(self._inputs.regions)
        first = earlier[: regions if place >= regions else 1]
        name, check_id = target
        return self._record(
            place if is_last else place + 1,
            "SECONDARY" if is_last else "PRIMARY",
            ttl=self._inputs.ttl,
            records=[name],
            health_check_id=check_id,
            depends_on=[record for record in first if record] or None,
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
    ) -> Route53Record | None:
        logical_id = f"failover_{slot}_{side.lower()}"
        adoption = self._inputs.adoption if slot == 1 else None
        if adoption and not adoption.is_cut_over:
            self._hand_over(side, ttl, records, health_check_id, alias)
            return None
        record = self.flat(
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
                # When a region is removed, records that lead to it change before its records and
                # checks are destroyed.
                lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
            ),
            logical_id,
        )
        if adoption:
            # hashicorp/terraform-provider-aws, website/docs/r/route53_record.html.markdown, Import
            id_ = f"{adoption.zone_id}_{self._name(slot)}_CNAME_{side.lower()}"
            self.import_existing(record, id_, self._inputs.provider)
        return record

    def _hand_over(
        self,
        side: str,
        ttl: Number | None,
        records: list[str] | None,
        health_check_id: str | None,
        alias: Route53RecordAlias | None,
    ) -> None:
        """Note a record in the form of Route 53's API (API_ResourceRecordSet), for an output."""
        leads_to: dict[str, Any] = {
            "TTL": ttl,
            "ResourceRecords": [{"Value": value} for value in records or ()],
            "HealthCheckId": health_check_id,
        }
        if alias:
            target = {"HostedZoneId": alias.zone_id, "DNSName": alias.name}
            leads_to = {"AliasTarget": {**target, "EvaluateTargetHealth": True}}
        own = {"Name": self._name(1), "Type": "CNAME", "SetIdentifier": side.lower()}
        self._handed_over.append({**own, "Failover": side, **leads_to})
