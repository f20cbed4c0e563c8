"""The impact of a change to a CloudWatch alarm that triggers failover or notifies people."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from functions.contract import NAMESPACES, SWITCH_METRIC, WATCHER_NAMESPACE
from iot_dr.review.impact.device_dependencies import DeviceDependencies
from iot_dr.review.impact.device_impact import FORGOTTEN, Impact, Rank
from iot_dr.review.impact.differences import Differences
from iot_dr.review.impact.health_checks import check_label, key_of
from iot_dr.review.read.stack_review import ResourceChange
from iot_dr.rules.rule import Verdict
from iot_dr.terraform_json.change import Action
from iot_dr.terraform_json.json_value import mapping, text
from iot_dr.terraform_json.listing import listing
from iot_dr.terraform_json.resource import Resource

_ACTION_ARGUMENTS: Final = frozenset(
    ("actions_enabled", "alarm_actions", "ok_actions", "insufficient_data_actions")
)
_ARGUMENTS: Final = _ACTION_ARGUMENTS | frozenset(
    (
        *("alarm_name", "namespace", "metric_name", "dimensions", "unit", "statistic"),
        *("extended_statistic", "threshold", "threshold_metric_id", "comparison_operator"),
        *("period", "evaluation_periods", "datapoints_to_alarm", "treat_missing_data"),
        "metric_query",
    )
)
_NAMESPACES: Final = (
    *("AWS/ApiGateway", "AWS/CertificateManager", "AWS/IoT", "AWS/Route53"),
    NAMESPACES,
)


def alarm_impact(
    change: ResourceChange, differences: Differences, dependencies: DeviceDependencies
) -> Impact | None:
    """Return the impact of an alarm that a health check follows, or that watches device services.

    None for other alarms, new ones, and changes of other arguments.
    """
    alarm = dependencies.find((change.stack, change.address))
    if alarm is None or change.action in {None, Action.CREATE}:
        return None
    is_same = change.action is Action.UPDATE and not differences.arguments & _ARGUMENTS
    names = dict.fromkeys(text(values.get("alarm_name")) for values in alarm.states)
    checks = {
        key_of(check): check
        for name in names
        for check in dependencies.alarms.checks_following(alarm, name)
    }
    if is_same or not (checks or _value(alarm, "namespace").startswith(_NAMESPACES)):
        return None
    # A health check follows only the alarm's state, not its actions.
    has_only_new_actions = change.action is Action.UPDATE and not differences.arguments & (
        _ARGUMENTS - _ACTION_ARGUMENTS
    )
    if checks and not has_only_new_actions:
        verdict, why = Verdict.WARN, _health_check_clause(change.action, list(checks.values()))
    else:
        verdict, why = _notification_clause(change.action, alarm, dependencies)
    return Impact(
        rank=Rank.ALARM, verdict=verdict, subject=_subject(alarm), why=why, arguments=_ARGUMENTS
    )


def _subject(alarm: Resource) -> str:
    if _value(alarm, "metric_name") == SWITCH_METRIC:
        regions = (text(mapping(each.get("dimensions")).get("Region")) for each in alarm.states)
        if region := next(filter(None, regions), None):
            return f"the switch of {region}"
    return f"the alarm {_value(alarm, 'alarm_name') or alarm.name}"


def _health_check_clause(action: Action | None, checks: list[Resource]) -> str:
    """Return what a change means for the health checks that follow an alarm.

    A new alarm starts in INSUFFICIENT_DATA
    (docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html).
    """
    names = listing([check_label(each) for each in checks])
    follow = f"{names} {'follows' if len(checks) == 1 else 'follow'} it"
    if action is Action.UPDATE:
        return f"{follow}, so the condition that triggers failover changes"
    if action is Action.DESTROY:
        return f"{follow} and will have no alarm to follow"
    if action is Action.FORGET:
        return f"{follow}, and no state has it any more"
    return f"{follow}, and a new alarm has no state until it has data"


def _notification_clause(
    action: Action | None, alarm: Resource, dependencies: DeviceDependencies
) -> tuple[Verdict, str]:
    if action is Action.FORGET:
        return FORGOTTEN.verdict, FORGOTTEN.text
    is_watcher = _value(alarm, "namespace") == WATCHER_NAMESPACE
    gap = "no failover is latched" if is_watcher else "nobody is notified of what it watches"
    if action is Action.UPDATE:
        new, old = map(_has_actions, alarm.states)
        if old and not new:
            return Verdict.WARN, f"{gap} any more"
        return Verdict.OK, "its condition or its actions change"
    if action is Action.REPLACE:
        return Verdict.WARN, f"{gap} until the new alarm has data"
    if regions := sorted(set(_new_locations(alarm, dependencies))):
        return Verdict.OK, f"it moves to {listing(regions)}, and {gap} until then"
    return Verdict.WARN, f"{gap} any more"


def _has_actions(values: Mapping[str, Any]) -> bool:
    """Whether an alarm acts in state ALARM; actions that are unknown until apply count."""
    is_empty = "alarm_actions" in values and not values["alarm_actions"]
    return values.get("actions_enabled") is not False and not is_empty


def _new_locations(alarm: Resource, dependencies: DeviceDependencies) -> Iterator[str]:
    """Yield the region, else the stack, of each new alarm with the same name."""
    for candidate in dependencies.alarms.named(_value(alarm, "alarm_name")):
        is_new = candidate.change is None or candidate.change.before is None
        if candidate.exists and is_new:
            yield candidate.region or candidate.stack


def _value(alarm: Resource, argument: str) -> str:
    """Return a string argument after the plan, else before it."""
    return next(filter(None, (text(each.get(argument)) for each in alarm.states)), "")
