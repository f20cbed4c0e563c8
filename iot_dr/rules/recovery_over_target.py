"""A predicted recovery time that exceeds the target of the settings."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Final

from functions.contract import FailBack
from iot_dr.design.expectation import DesignExpectation
from iot_dr.design.functions import package_of
from iot_dr.design.metric_alarms import followed_alarm
from iot_dr.design.records_below import steps_of
from iot_dr.design.schedule import schedule_of
from iot_dr.forecast.advice import SettingChange, changes
from iot_dr.forecast.failover_cause import cause_times
from iot_dr.forecast.recovery_inputs import RecoveryInputs
from iot_dr.forecast.recovery_time import RecoveryTime, recovery_time
from iot_dr.route53.check import ENDPOINT_TYPES
from iot_dr.route53.terraform_checks import declared_checks, declared_evaluation
from iot_dr.route53.terraform_records import DeclaredRecord, declared_names
from iot_dr.rules.rule import Finding, Rule, finding_at
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "recovery-over-target"


def _find(resources: ResourceSet, expected: DesignExpectation | None) -> Iterator[Finding]:
    if expected is None:
        return
    plan, target = expected.recovery, expected.rto
    declared = _declared(resources, expected)
    time = recovery_time(declared)
    late = time.p99 + _delay(plan, declared, expected.failover.fail_back)
    if target < late and not time.verdict(target).is_missed:
        message = (
            f"Where a switch moves devices, 99 % of them are back after {late:.0f} s, but"
            f" recovery.rto is {target} s: an alarm of the switches has a period of"
            f" {declared.alarm_period} s, usually {plan.alarm_period} s, or a watcher runs every"
            f" {declared.watch_period} s, usually {plan.watch_period} s."
        )
        yield finding_at(None, _ID, message)
    if time.verdict(target).is_missed:
        message = _over(time, target, changes(declared))
        if declared.ttl > plan.ttl:
            message += f" The records have a TTL of {declared.ttl} s, endpoint.ttl is {plan.ttl} s."
        if (declared.interval, declared.threshold) != (plan.interval, plan.threshold):
            message += (
                f" The slowest check fails after {declared.threshold} probes of every"
                f" {declared.interval} s, the settings have {plan.threshold} and {plan.interval} s."
            )
        yield finding_at(None, _ID, message)


def _declared(resources: ResourceSet, expected: DesignExpectation) -> RecoveryInputs:
    """Return the inputs with the longest TTL and period and the slowest check declared."""
    plan, records = expected.recovery, _path(resources, expected.device_name)
    asked = [record.check for record in records if record.check]
    ids = declared_evaluation(resources).check_ids(*asked) if asked else ()
    known = declared_checks(resources)
    checks = [known[id_] for id_ in ids if id_ in known and not known[id_].disabled]
    slowest = max(
        (
            (check.interval * check.threshold, check.interval, check.threshold)
            for check in checks
            if check.type in ENDPOINT_TYPES and not check.unknown
        ),
        default=(0, plan.interval, plan.threshold),
    )
    ttl = max((plan.ttl, *(record.ttl for record in records if record.ttl is not None)))
    alarms = (followed_alarm(resources, check.resource) for check in checks)
    schedules = (
        schedule_of(resources, function).period
        for function in resources.of_type("aws_lambda_function")
        if package_of(resources, function) == "watcher"
    )
    return replace(
        plan,
        ttl=ttl,
        interval=slowest[1],
        threshold=slowest[2],
        alarm_period=max((plan.alarm_period, *(alarm.period for alarm in alarms if alarm))),
        watch_period=max((plan.watch_period, *(period for period in schedules if period))),
    )


def _delay(plan: RecoveryInputs, declared: RecoveryInputs, fail_back: FailBack) -> float:
    """Return the seconds by which a switch is later than usual, and than the slowest check."""
    usual = replace(declared, alarm_period=plan.alarm_period, watch_period=plan.watch_period)
    pairs = [*zip(cause_times(usual, fail_back), cause_times(declared, fail_back), strict=True)]
    seen = max(late.typical for _, late in pairs if late.cause.is_check)
    switched = ((soon, late) for soon, late in pairs if not late.cause.is_check)
    return max(0.0, *(late.typical - max(soon.typical, seen) for soon, late in switched))


def _path(resources: ResourceSet, name: str) -> Collection[DeclaredRecord]:
    """Return the records of a name, those of its aliases, and the failover records beyond.

    A record that leads on to the same name whatever fails delays nothing.
    """
    names, path = declared_names(resources), dict[str, DeclaredRecord]()
    waiting = list(names.at(name))
    while waiting:
        record = waiting.pop()
        if record.id not in path:
            path[record.id] = record
            waiting += names.alias_targets(record)
            waiting += (step for step in steps_of(resources, record) if step.is_failover)
    return path.values()


def _over(time: RecoveryTime, target: int, tried: tuple[SettingChange, ...]) -> str:
    return (
        f"{time.verdict(target)}: 99 % of devices are back after {time.p99:.0f} s, but recovery.rto"
        f" is {target} s. The largest term is {time.largest_typical_term.explanation}"
        f" {_advice(tried, target)}"
    )


def _advice(tried: tuple[SettingChange, ...], target: int) -> str:
    helps = [change for change in tried if change.gain > 0]
    idle = [change.setting for change in tried if not change.gain and not change.loss]
    best = _best(helps[0], target) if helps else "No single setting shortens it; raise the target"
    return f"{best}; changing {', '.join(idle)} has no effect." if idle else f"{best}."


def _best(change: SettingChange, target: int) -> str:
    step = f"{change.setting} {change.proposed} instead of {change.current}"
    best = f"{step} gives {change.after.p99:.0f} s"
    if not change.after.verdict(target).is_missed:
        return best
    return (
        f"{best}, the largest gain of a single setting, and still misses the target: change"
        " several settings, or raise the target"
    )


RULE: Final = Rule(
    id=_ID,
    title="A predicted recovery within the target",
    why="The recovery time depends on the health checks, the TTL, the devices' back-off and the"
    " standby's connection rate. The rule adds these, with the longest TTL, the slowest check,"
    " the longest period of a switch's alarm and the slowest schedule of a watcher that Terraform"
    " declares for the device name, and blocks if 99 % of the fleet is back later"
    " than `recovery.rto`; a bound over it is not a finding. `iot-dr rto` shows the terms and the"
    " bound.",
    source="docs/explanation/failover.md; rehearsal of November 2026 with up to 2,000 devices on"
    " one machine",
    find=_find,
)
