"""What of a set's records is not judged: no failover, not public, or of unknown name."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from iot_dr.route53.failover import FailoverGroup, failover_groups
from iot_dr.route53.names import is_of_addresses
from iot_dr.route53.terraform_records import DeclaredRecord, declared_names
from iot_dr.terraform_json.listing import listing
from iot_dr.terraform_json.resource_set import ResourceSet

NO_FAILOVER: Final = "no record has a failover policy, so no failover is judged"


def lacks_failover(resources: ResourceSet) -> bool:
    """Whether there are resources, and none of them is a failover record."""
    is_failover = any(record.is_failover for record in declared_names(resources).records)
    return not is_failover and any(stack.resources for stack in resources.stacks)


def unjudged_names(resources: ResourceSet) -> tuple[str, ...]:
    """Return the routed names that no design covers, in one sentence for each reason.

    Names that a failover name leads to are part of its design.
    """
    names = defaultdict[str, dict[str, None]](dict)
    groups = {group.key: group for group in failover_groups(resources)}
    for record in declared_names(resources).records:
        if record.routing and is_of_addresses(record.type):
            reason = _reason(record, groups.get((record.zone.key, record.name, record.type)))
            if reason:
                names[reason][record.name or record.resource.address] = None
    covered = set(_led_to(resources))
    return tuple(
        f"{reason}: {listing([each for each in group if each not in covered], 3)}"
        for reason, group in names.items()
        if group.keys() - covered
    )


def routing_word(record: DeclaredRecord) -> str:
    """Return the name that AWS's documentation has for a record's routing."""
    return record.routing.removesuffix("_answer") or "simple"


def _reason(record: DeclaredRecord, group: FailoverGroup | None) -> str:
    word = routing_word(record)
    if not record.is_failover:
        return f"{word} records, whose answer depends on who asks"
    if not record.name:
        return "failover records whose name is not known"
    if record.is_private:
        return "failover records of a private zone"
    if group and group.may_be_split:
        return "failover records that may not exist together"
    return "failover records without the other side here" if group and group.is_half else ""


def _led_to(resources: ResourceSet) -> Iterator[str]:
    """Yield the names that aliases of public failover records lead to."""
    names = declared_names(resources)
    public = (each for each in names.records if each.is_failover and not each.is_private)
    return (below.name for below in names.aliased(public))
