"""The impact on failover of a change to a health check or to the endpoint that it checks."""

from collections.abc import Iterator
from typing import Final

from iot_dr.review.impact.device_dependencies import DeviceDependencies
from iot_dr.review.impact.device_impact import FORGOTTEN, Impact, Rank
from iot_dr.review.impact.differences import Differences
from iot_dr.review.impact.health_checks import check_label
from iot_dr.review.read.stack_review import ResourceChange
from iot_dr.route53.check import CLOUDWATCH_METRIC
from iot_dr.route53.terraform_checks import is_used, shown_use
from iot_dr.rules.rule import Verdict
from iot_dr.terraform_json.change import Action
from iot_dr.terraform_json.listing import listing

_ARGUMENTS: Final = frozenset(
    (
        *("type", "fqdn", "ip_address", "port", "resource_path", "search_string"),
        *("request_interval", "failure_threshold", "regions", "measure_latency", "enable_sni"),
        *("disabled", "invert_healthcheck", "child_healthchecks", "child_health_threshold"),
        *("cloudwatch_alarm_name", "cloudwatch_alarm_region", "insufficient_data_health_status"),
        *("routing_control_arn", "reference_name"),
    )
)
_TARGET: Final = ("fqdn", "ip_address", "port")
_ARGUMENTS_OF_NEW: Final = frozenset(
    (
        *("type", "fqdn", "ip_address", "port", "request_interval", "failure_threshold"),
        *("child_healthchecks", "cloudwatch_alarm_name"),
    )
)
# docs.aws.amazon.com/Route53/latest/DeveloperGuide/
# dns-failover-determining-health-of-endpoints.html
_NEW: Final = "a new health check counts as healthy until it has its first results"
# `Disabled` and `Inverted` in
# docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
_SWITCHES: Final = (
    ("disabled", "while disabled, it always counts as healthy"),
    ("invert_healthcheck", "while inverted, it reports an unhealthy endpoint as healthy"),
)
_COPIED: Final = (
    "Route 53 copies its alarm's settings again, and AWS does not document that the check keeps its"
    " last status: apply while no region is switched away"
)
_WHY: Final = {
    Action.DESTROY: "nothing answers there any more, so the check reports its region unhealthy",
    Action.REPLACE: "until the replacement answers, the check reports its region unhealthy",
    Action.FORGET: FORGOTTEN.text,
}


def check_impact(
    change: ResourceChange, differences: Differences, dependencies: DeviceDependencies
) -> Impact | None:
    """Return the impact of a change to a health check, with the records that use it.

    Records use it directly or through a calculated check. None if no relevant argument changes, and
    for a new check that no record uses.
    """
    check = dependencies.find((change.stack, change.address))
    if check is None:
        return None
    users_before, users_after = (
        dependencies.users_of(check, is_after=is_after) for is_after in (False, True)
    )
    clauses = list(_clauses(change.action, differences))
    # For this type alone, the provider's update sends the alarm again when `triggers` change.
    is_alarm_s = check.values.get("type") == CLOUDWATCH_METRIC
    if change.action is Action.UPDATE and is_alarm_s and "triggers" in differences.arguments:
        clauses.append(_COPIED)
    # A new check that no record uses changes no DNS answer.
    if not clauses or (change.action is Action.CREATE and not users_after):
        return None
    use = users_after or is_used(dependencies.resources, check.id)
    is_in_use = (users_before or use is not False) and change.action is not Action.CREATE
    return Impact(
        rank=Rank.CHECK,
        verdict=Verdict.WARN if is_in_use else Verdict.OK,
        subject=check_label(check),
        why="; ".join([*clauses, _users_clause(users_before, use, change.action)]),
        arguments=_ARGUMENTS_OF_NEW
        if change.action is Action.CREATE
        else _ARGUMENTS | {"triggers"},
    )


def _clauses(action: Action | None, differences: Differences) -> Iterator[str]:
    if action is Action.CREATE:
        yield _NEW
    elif action is Action.DESTROY:
        yield "the health check is deleted"
    elif action is Action.FORGET:
        yield FORGOTTEN.text
    elif action is not None and differences.arguments & _ARGUMENTS:
        yield from _changed_arguments(differences)
        if action is Action.REPLACE:
            yield _NEW
    elif action is Action.REPLACE:
        yield _NEW


def _changed_arguments(differences: Differences) -> Iterator[str]:
    named = set[str]()
    for argument in _TARGET:
        if (values := differences.values(argument)) and all(values):
            named.add(argument)
            yield f"it checks {argument} {values[1]} instead of {values[0]}"
    if numbers := differences.numbers("request_interval"):
        named.add("request_interval")
        yield f"it checks every {numbers[1]} s instead of every {numbers[0]} s"
    if numbers := differences.numbers("failure_threshold"):
        named.add("failure_threshold")
        yield f"its status changes after {numbers[1]} consecutive results instead of {numbers[0]}"
    if "child_healthchecks" in differences.arguments:
        named.add("child_healthchecks")
        yield "its child health checks change"
    for argument, text in _SWITCHES:
        if (values := differences.values(argument)) and values[1] is True:
            named.add(argument)
            yield text
    if rest := sorted(differences.arguments & _ARGUMENTS - named):
        yield f"its {', '.join(rest)} change{'s' if len(rest) == 1 else ''}"


def _users_clause(
    before: tuple[str, ...], use: tuple[str, ...] | bool | None, action: Action | None
) -> str:
    """Return who uses a check; of `use`, None means that this is not known."""
    if action in {Action.DESTROY, Action.FORGET}:
        return f"{listing(before)} used it" if before else "no record used it"
    if isinstance(use, tuple):
        return f"{listing(use)} use{'s' if len(use) == 1 else ''} it"
    return (
        f"{listing(before)} used it until now"
        if before and use is False
        else shown_use(is_used=use)
    )


def endpoint_impact(
    change: ResourceChange, _differences: Differences, dependencies: DeviceDependencies
) -> Impact | None:
    """Return the impact of losing a resource behind the endpoint of a health check in use.

    None for any other resource, and if the replacement is created first.
    """
    key = (change.stack, change.address)
    if change.action not in _WHY or _is_created_first(change, dependencies):
        return None
    labels_and_users = [
        (check_label(check), users)
        for check in dependencies.checks_of_endpoint(key)
        if (users := dependencies.users_of(check, is_after=True))
    ]
    if not labels_and_users:
        return None
    labels = list(dict.fromkeys(label for label, _ in labels_and_users))
    records = sorted({record for _, users in labels_and_users for record in users})
    uses = f"{listing(records)} use{'s' if len(records) == 1 else ''} it"
    return Impact(
        rank=Rank.CHECK,
        verdict=Verdict.WARN,
        subject=f"the endpoint of {listing(labels)}, {change.address}",
        why=f"{_WHY[change.action]}; {uses}",
    )


def _is_created_first(change: ResourceChange, dependencies: DeviceDependencies) -> bool:
    """Whether a replacement is created before the old resource is destroyed."""
    resource = dependencies.resource((change.stack, change.address))
    return (
        resource is not None
        and resource.change is not None
        and resource.change.actions[:1] == ("create",)
    )
