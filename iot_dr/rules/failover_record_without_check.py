"""A failover record that counts as healthy, or as unhealthy, whatever happens."""

from collections.abc import Iterator
from typing import Final

from environments.settings import Settings
from iot_dr.route53.terraform_checks import DeclaredCheck, declared_checks, declared_evaluation
from iot_dr.route53.terraform_records import DeclaredNames, DeclaredRecord, declared_names
from iot_dr.rules.rule import Finding, Rule, finding_at
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
    names = declared_names(resources)
    for record in names.records:
        if not record.is_failover:
            continue
        if record.check:
            message = _constant(resources, record)
        else:
            problem = _problem(names, record)
            message = _healthy(record, problem) if problem else None
        if message:
            yield finding_at(record.resource, _ID, f"{message} {_ADVICE}")


def _constant(resources: ResourceSet, record: DeclaredRecord) -> str | None:
    """Return the message about a check that is as good as none: its status never changes."""
    check, evaluation = declared_checks(resources).get(record.check), declared_evaluation(resources)
    if check is None:
        return None
    # What it says whatever the checks below it find.
    healthy = evaluation.status(check.id, dict.fromkeys(evaluation.check_ids(check.id))).healthy
    if healthy is None:
        return None
    problem = f"asks a check {_cause(check, is_healthy=healthy)}"
    if healthy:
        return _healthy(record, problem)
    consequence = _NEVER_SECONDARY if record.side == "SECONDARY" else _NEVER_PRIMARY
    return f"this {_side(record)} record {problem}, so it counts as unhealthy always: {consequence}"


def _cause(check: DeclaredCheck, *, is_healthy: bool) -> str:
    """Say why a check always has the same status, in words that follow "a check"."""
    end = " and that is inverted" if check.inverted else ""
    if check.disabled:
        return f"that is disabled{end}"
    threshold = check.child_threshold
    wants = f"that wants {threshold} of its children healthy ({check.resource.address})"
    if threshold == 0:
        return f"{wants}, which none can change{end}"
    if is_healthy is not check.inverted:
        return f"{wants}, and as many are disabled or always healthy{end}"
    return f"{wants} and never has so many{end}"


def _healthy(record: DeclaredRecord, problem: str) -> str:
    consequence = _SECONDARY if record.side == "SECONDARY" else _PRIMARY
    return f"this {_side(record)} record {problem}, so it counts as healthy always: {consequence}"


def _side(record: DeclaredRecord) -> str:
    return record.side or "failover"


def _problem(names: DeclaredNames, record: DeclaredRecord) -> str | None:
    if not record.is_alias:
        return "asks no health check"
    if not record.evaluates_target:
        return "is an alias that does not evaluate its target's health"
    # A failover record below is told by itself.
    below = [each for each in names.alias_targets(record) if not each.is_failover]
    if any(not each.is_alias and not each.check for each in below):
        return "is an alias to a name that has a record without a health check"
    return None


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
