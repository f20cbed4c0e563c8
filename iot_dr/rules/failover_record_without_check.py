"""A failover record that counts as healthy whatever happens."""

from collections.abc import Iterator
from typing import Final

from environments.settings import Settings
from iot_dr.resources.resource_set import ResourceSet
from iot_dr.rules.finding_at import finding_at
from iot_dr.rules.health_checks import check_of
from iot_dr.rules.names import Names, names_of
from iot_dr.rules.record import Record
from iot_dr.rules.rule import Finding, Rule

_ID: Final = "failover-record-without-check"
_PRIMARY: Final = "the answer never leaves this region."
_SECONDARY: Final = (
    "once the PRIMARY's check fails, or is wrong, devices go to this side even while it is dead and"
    " the PRIMARY is not."
)


def _find(resources: ResourceSet, _settings: Settings | None) -> Iterator[Finding]:
    names = names_of(resources)
    for record in names.records:
        if record.is_failover and (problem := _problem(resources, names, record)):
            consequence = _SECONDARY if record.side == "SECONDARY" else _PRIMARY
            yield finding_at(
                record.resource,
                _ID,
                f"this {record.side or 'failover'} record {problem}, so it counts as healthy"
                f" always: {consequence} Give it the check of its region by `health_check_id`.",
            )


def _problem(resources: ResourceSet, names: Names, record: Record) -> str | None:
    if _asks(record):
        check = check_of(resources, record)
        is_disabled = check is not None and str(check.values.get("disabled")).lower() == "true"
        return "asks a check that is disabled" if is_disabled else None
    if record.alias is None:
        return "asks no health check"
    if not record.evaluates_target:
        return "is an alias that does not evaluate its target's health"
    # A failover record below is told by itself.
    below = [each for each in names.below(record) if not each.is_failover]
    if any(each.alias is None and not _asks(each) for each in below):
        return "is an alias to a name that has a record without a health check"
    return None


def _asks(record: Record) -> bool:
    return bool(record.resource.values.get("health_check_id"))


RULE: Final = Rule(
    id=_ID,
    title="A health check for every failover record, SECONDARY included",
    why="Route 53 takes a record without a check for healthy. A PRIMARY without one never fails"
    " over. A SECONDARY without one takes the fleet when the PRIMARY's check fails by mistake while"
    " the standby is dead; with a check on both sides Route 53 then stays with the PRIMARY.",
    source="docs.aws.amazon.com/Route53/latest/DeveloperGuide/"
    "dns-failover-how-route-53-chooses-records.html",
    find=_find,
)
