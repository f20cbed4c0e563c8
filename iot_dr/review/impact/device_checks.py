"""What a change to a health check, or to what it asks, means to failover."""

from collections.abc import Iterator
from typing import Final

from iot_dr.review.impact.dependence import Dependence
from iot_dr.review.impact.device_impact import FORGOTTEN, Impact, Rank
from iot_dr.review.impact.differences import Differences
from iot_dr.review.impact.health_checks import called
from iot_dr.review.read.stack_review import ResourceChange
from iot_dr.rules.rule import Verdict
from iot_dr.terraform_json.change import Action
from iot_dr.terraform_json.listing import listing

_HEADS: Final = frozenset(
    (
        *("type", "fqdn", "ip_address", "port", "resource_path", "search_string"),
        *("request_interval", "failure_threshold", "regions", "measure_latency", "enable_sni"),
        *("disabled", "invert_healthcheck", "child_healthchecks", "child_health_threshold"),
        *("cloudwatch_alarm_name", "cloudwatch_alarm_region", "insufficient_data_health_status"),
        *("routing_control_arn", "reference_name"),
    )
)
_TARGET: Final = ("fqdn", "ip_address", "port")
_OF_NEW: Final = frozenset(
    (
        *("type", "fqdn", "ip_address", "port", "request_interval", "failure_threshold"),
        *("child_healthchecks", "cloudwatch_alarm_name"),
    )
)
_NEW: Final = "a new check counts as healthy until its first results"
_WHY: Final = {
    Action.DESTROY: "nothing answers there any more, and the check calls its region unhealthy",
    Action.REPLACE: "until the new one answers, the check calls its region unhealthy",
    Action.FORGET: FORGOTTEN.text,
}


def check_impact(
    change: ResourceChange, differences: Differences, world: Dependence
) -> Impact | None:
    """Describe a check, and which records ask it or one that adds it up."""
    check = world.find((change.stack, change.address))
    if check is None:
        return None
    now, then = (world.asked_by(check, is_after=flag) for flag in (False, True))
    clauses = list(_clauses(change.action, differences))
    # One that stands ready and that no record asks changes no answer.
    if not clauses or (change.action is Action.CREATE and not then):
        return None
    is_heavy = bool(now or then) and change.action is not Action.CREATE
    return Impact(
        rank=Rank.CHECK,
        verdict=Verdict.WARN if is_heavy else Verdict.OK,
        subject=called(check),
        why="; ".join([*clauses, _askers(now, then, change.action)]),
        heads=_OF_NEW if change.action is Action.CREATE else _HEADS,
    )


def _clauses(action: Action | None, differences: Differences) -> Iterator[str]:
    if action is Action.CREATE:
        yield _NEW
    elif action is Action.DESTROY:
        yield "nothing looks by it any more"
    elif action is Action.FORGET:
        yield FORGOTTEN.text
    elif action is not None and differences.heads & _HEADS:
        yield from _differing(differences)
        if action is Action.REPLACE:
            yield _NEW
    elif action is Action.REPLACE:
        yield _NEW


def _differing(differences: Differences) -> Iterator[str]:
    named = set[str]()
    for argument in _TARGET:
        if (values := differences.values(argument)) and all(values):
            named.add(argument)
            yield f"it looks at {argument} {values[1]} instead of {values[0]}"
    if numbers := differences.numbers("request_interval"):
        named.add("request_interval")
        yield f"it looks every {numbers[1]} s instead of every {numbers[0]} s"
    if numbers := differences.numbers("failure_threshold"):
        named.add("failure_threshold")
        yield f"{numbers[1]} results in a row change its mind instead of {numbers[0]}"
    if "child_healthchecks" in differences.heads:
        named.add("child_healthchecks")
        yield "it adds up other checks"
    for argument, words in (
        ("disabled", "disabled, it counts as healthy whatever happens"),
        ("invert_healthcheck", "inverted, it calls healthy what is not"),
    ):
        if (values := differences.values(argument)) and values[1] is True:
            named.add(argument)
            yield words
    if rest := sorted(differences.heads & _HEADS - named):
        yield f"its {', '.join(rest)} is another"


def _askers(now: tuple[str, ...], then: tuple[str, ...], action: Action | None) -> str:
    if action in {Action.DESTROY, Action.FORGET}:
        return f"{listing(now)} asked it" if now else "no record asked it"
    if then:
        return f"{listing(then)} ask{'s' if len(then) == 1 else ''} it"
    return f"{listing(now)} asked it until now" if now else "no record asks it at the moment"


def endpoint_impact(
    change: ResourceChange, _differences: Differences, world: Dependence
) -> Impact | None:
    """Describe what goes and is asked by a check that a record asks; None for anything else."""
    if change.action not in _WHY or _is_ready(change, world):
        return None
    checks = world.checks_asking((change.stack, change.address))
    asked = [(each, by) for each in checks if (by := world.asked_by(each, is_after=True))]
    if not asked:
        return None
    who = listing(list(dict.fromkeys(called(each) for each, _ in asked)))
    records = sorted({record for _, by in asked for record in by})
    return Impact(
        rank=Rank.CHECK,
        verdict=Verdict.WARN,
        subject=f"what {who} asks, {change.address}",
        why=f"{_WHY[change.action]}; {listing(records)} ask{'s' if len(records) == 1 else ''} it",
    )


def _is_ready(change: ResourceChange, world: Dependence) -> bool:
    """Whether the new one is made before the old one goes."""
    found = world.resource((change.stack, change.address))
    return (
        found is not None and found.change is not None and found.change.actions[:1] == ("create",)
    )
