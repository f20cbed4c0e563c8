"""A failover record that counts as healthy, or as unhealthy, whatever happens."""

from collections.abc import Iterator
from typing import Final

from environments.settings import Settings
from iot_dr.rules.rule import Finding, Rule
from iot_dr.rules.support.constant_check import Constant, ConstantChecks, cause
from iot_dr.rules.support.finding_at import finding_at
from iot_dr.rules.support.health_checks import check_of
from iot_dr.rules.support.names import Names, names_of
from iot_dr.rules.support.record import Record
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "failover-record-without-check"
_PRIMARY: Final = "the answer never leaves this region."
_SECONDARY: Final = (
    "once the PRIMARY's check fails, or is wrong, devices go to this side even while it is dead and"
    " the PRIMARY is not."
)
_NEVER_PRIMARY: Final = "devices are sent to the other region even while this one is well."
_NEVER_SECONDARY: Final = (
    "with both sides unhealthy Route 53 answers with the PRIMARY, and a failover never happens."
)
_ADVICE: Final = "Give it the check of its region by `health_check_id`."


def _find(resources: ResourceSet, _settings: Settings | None) -> Iterator[Finding]:
    names, constants = names_of(resources), ConstantChecks(resources)
    for record in names.records:
        if not record.is_failover:
            continue
        if _asks(record):
            message = _constant(resources, constants, record)
        else:
            problem = _problem(names, record)
            message = _healthy(record, problem) if problem else None
        if message:
            yield finding_at(record.resource, _ID, f"{message} {_ADVICE}")


def _constant(resources: ResourceSet, constants: ConstantChecks, record: Record) -> str | None:
    """Tell of a check that is as good as none, for it always says the same."""
    check = check_of(resources, record)
    said = constants.of(check) if check else None
    if check is None or said is None:
        return None
    problem = f"asks a check {cause(check, said)}"
    if said is Constant.HEALTHY:
        return _healthy(record, problem)
    consequence = _NEVER_SECONDARY if record.side == "SECONDARY" else _NEVER_PRIMARY
    return f"this {_side(record)} record {problem}, so it counts as unhealthy always: {consequence}"


def _healthy(record: Record, problem: str) -> str:
    consequence = _SECONDARY if record.side == "SECONDARY" else _PRIMARY
    return f"this {_side(record)} record {problem}, so it counts as healthy always: {consequence}"


def _side(record: Record) -> str:
    return record.side or "failover"


def _problem(names: Names, record: Record) -> str | None:
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
    why="Route 53 takes a record without a check, or with one that cannot fail, for healthy. A"
    " PRIMARY without one never fails over. A SECONDARY without one takes the fleet when the"
    " PRIMARY's check fails by mistake while the standby is dead; with a check on both sides Route"
    " 53 then stays with the PRIMARY.",
    source="docs.aws.amazon.com/Route53/latest/DeveloperGuide/"
    "dns-failover-how-route-53-chooses-records.html",
    find=_find,
)
