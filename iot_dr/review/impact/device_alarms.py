"""What a change to an alarm means: a switch that moves devices, or somebody who is told."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from iot_dr.review.impact.dependence import Dependence
from iot_dr.review.impact.device_impact import FORGOTTEN, Impact, Rank
from iot_dr.review.impact.differences import Differences
from iot_dr.review.impact.health_checks import called, key_of
from iot_dr.review.read.stack_review import ResourceChange
from iot_dr.rules.rule import Verdict
from iot_dr.terraform_json.change import Action
from iot_dr.terraform_json.json_value import mapping, text
from iot_dr.terraform_json.listing import listing
from iot_dr.terraform_json.resource import Resource
from modules.switch_metric import SWITCH_METRIC

_ACTIONS: Final = frozenset(
    ("actions_enabled", "alarm_actions", "ok_actions", "insufficient_data_actions")
)
_HEADS: Final = _ACTIONS | frozenset(
    (
        *("alarm_name", "namespace", "metric_name", "dimensions", "unit", "statistic"),
        *("extended_statistic", "threshold", "threshold_metric_id", "comparison_operator"),
        *("period", "evaluation_periods", "datapoints_to_alarm", "treat_missing_data"),
        "metric_query",
    )
)
_NAMESPACES: Final = (
    *("AWS/ApiGateway", "AWS/CertificateManager", "AWS/IoT", "AWS/Route53"),
    "IotDr/",
)
_WATCHER: Final = "IotDr/Watcher"


def alarm_impact(
    change: ResourceChange, differences: Differences, world: Dependence
) -> Impact | None:
    """Describe an alarm that a health check follows, or that watches what devices need."""
    alarm = world.find((change.stack, change.address))
    if alarm is None or change.action in {None, Action.CREATE}:
        return None
    is_same = change.action is Action.UPDATE and not differences.heads & _HEADS
    names = dict.fromkeys(text(values.get("alarm_name")) for values in alarm.states)
    checks = {key_of(each): each for name in names for each in world.alarms.checks_on(alarm, name)}
    if is_same or not (checks or _value(alarm, "namespace").startswith(_NAMESPACES)):
        return None
    # A check goes by an alarm's state alone, whatever else that does.
    is_about_actions = change.action is Action.UPDATE and not differences.heads & (
        _HEADS - _ACTIONS
    )
    if checks and not is_about_actions:
        verdict, why = Verdict.WARN, _followed(change.action, list(checks.values()))
    else:
        verdict, why = _watching(change.action, alarm, world)
    return Impact(rank=Rank.ALARM, verdict=verdict, subject=_subject(alarm), why=why, heads=_HEADS)


def _subject(alarm: Resource) -> str:
    if _value(alarm, "metric_name") == SWITCH_METRIC:
        regions = (text(mapping(each.get("dimensions")).get("Region")) for each in alarm.states)
        if region := next(filter(None, regions), None):
            return f"the switch of {region}"
    return f"the alarm {_value(alarm, 'alarm_name') or alarm.name}"


def _followed(action: Action | None, checks: list[Resource]) -> str:
    who = listing([called(each) for each in checks])
    follow = "follows" if len(checks) == 1 else "follow"
    if action is Action.UPDATE:
        return f"{who} {follow} it, so something else decides when devices are led away"
    if action is Action.DESTROY:
        return f"{who} {follow} it and {'has' if len(checks) == 1 else 'have'} nothing to go by"
    if action is Action.FORGET:
        return f"{who} {follow} it, and no plan will tell of it any more"
    return f"{who} {follow} it, and a new alarm has no state until its first data"


def _watching(action: Action | None, alarm: Resource, world: Dependence) -> tuple[Verdict, str]:
    if action is Action.FORGET:
        return FORGOTTEN.verdict, FORGOTTEN.text
    meanwhile = (
        "nobody latches a failover"
        if _value(alarm, "namespace") == _WATCHER
        else "nobody is told of what it watches"
    )
    if action is Action.UPDATE:
        new, old = map(_acts, alarm.states)
        if old and not new:
            return Verdict.WARN, f"{meanwhile} any more"
        return Verdict.OK, "when it goes off, or whom it tells, is another"
    if action is Action.REPLACE:
        return Verdict.WARN, f"{meanwhile} until the new one has its first data"
    if places := sorted(set(_elsewhere(alarm, world))):
        return Verdict.OK, f"it moves to {listing(places)}, and {meanwhile} until that is done"
    return Verdict.WARN, f"{meanwhile} any more"


def _acts(values: Mapping[str, Any]) -> bool:
    """Whether an alarm does anything when it goes off; what is known later is left out."""
    is_empty = "alarm_actions" in values and not values["alarm_actions"]
    return values.get("actions_enabled") is not False and not is_empty


def _elsewhere(alarm: Resource, world: Dependence) -> Iterator[str]:
    for other in world.alarms.named(_value(alarm, "alarm_name")):
        is_made = other.exists and (other.change is None or other.change.before is None)
        if is_made:
            yield other.region or other.stack


def _value(alarm: Resource, argument: str) -> str:
    """Return a text of an alarm, of what goes where nothing stays."""
    return next(filter(None, (text(each.get(argument)) for each in alarm.states)), "")
