"""A predicted recovery time that exceeds the target of the settings."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from iot_dr.design.expectation import DesignExpectation
from iot_dr.forecast.advice import Change, changes
from iot_dr.forecast.recovery_time import RecoveryTime, recovery_time
from iot_dr.route53.terraform_records import declared_names
from iot_dr.rules.rule import Finding, Rule, Verdict
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "recovery-over-target"


def _find(resources: ResourceSet, expected: DesignExpectation | None) -> Iterator[Finding]:
    if expected is None:
        return
    plan, target = expected.recovery, expected.rto
    ttl = max((plan.ttl, *_ttls(resources, expected.device_name)))
    time = recovery_time(replace(plan, ttl=ttl))
    if time.verdict(target).is_missed:
        message = _over(time, target, changes(replace(plan, ttl=ttl)))
        if ttl > plan.ttl:
            message += f" The records have a TTL of {ttl} s, endpoint.ttl is {plan.ttl} s."
        yield Finding(rule=_ID, verdict=Verdict.BLOCK, stack=None, address=None, message=message)


def _ttls(resources: ResourceSet, name: str) -> Iterator[int]:
    """Yield the TTLs of the failover records that answer a name, through its aliases."""
    names, met = declared_names(resources), set[str]()
    waiting = list(names.at(name))
    while waiting:
        record = waiting.pop()
        if record.id not in met:
            met.add(record.id)
            waiting += names.alias_targets(record)
            if record.ttl is not None:
                yield record.ttl


def _over(time: RecoveryTime, target: int, tried: tuple[Change, ...]) -> str:
    return (
        f"{time.verdict(target)}: 99 % of devices are back after {time.p99:.0f} s, but recovery.rto"
        f" is {target} s. The largest term is {time.largest_typical_term.explanation}"
        f" {_advice(tried, target)}"
    )


def _advice(tried: tuple[Change, ...], target: int) -> str:
    helps = [change for change in tried if change.gain > 0]
    idle = [change.setting for change in tried if not change.gain and not change.loss]
    best = _best(helps[0], target) if helps else "No single setting shortens it; raise the target"
    return f"{best}; changing {', '.join(idle)} has no effect." if idle else f"{best}."


def _best(change: Change, target: int) -> str:
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
    " standby's connection rate. The rule adds these, and blocks if 99 % of the fleet is back later"
    " than `recovery.rto`; a bound over it is not a finding. `iot-dr rto` shows the terms and the"
    " bound.",
    source="docs/failover.md; rehearsal of November 2026 with up to 2,000 devices on one machine",
    find=_find,
)
