"""Causes in the health checks, or in records that do not use them.

Each function returns None if its cause does not fit.
"""

from iot_dr.drill.report.causes.evidence import Evidence, MissedTargetCause
from iot_dr.drill.report.seconds import duration
from iot_dr.route53.check import CALCULATED, HealthCheck


def record_without_check(evidence: Evidence) -> MissedTargetCause | None:
    """Return a diagnosis if the PRIMARY record has no check and always counts as healthy."""
    record = evidence.record
    if not evidence.is_stuck or record is None or record.check or record.evaluates_target:
        return None
    return MissedTargetCause(
        id="record-without-check",
        problem=f"The record of {record.name} with target {record.target} has no health check, so"
        " it always counts as healthy and the answer never moves.",
        change="Set `health_check_id` of the PRIMARY record"
        f" (aws_route53_record in iot-{evidence.recording.environment}-entry-point).",
    )


def check_disabled(evidence: Evidence) -> MissedTargetCause | None:
    """Return a diagnosis if a check is disabled and always counts as healthy."""
    disabled = [each for each in (*_own(evidence), *evidence.leaves) if each.disabled]
    if not evidence.is_stuck or not disabled:
        return None
    return MissedTargetCause(
        id="check-disabled",
        problem=f"{disabled[0].id} is disabled and always counts as healthy.",
        change=f"Remove `disabled` from {disabled[0].id}.",
    )


def primary_unhealthy_before(evidence: Evidence) -> MissedTargetCause | None:
    """Return a diagnosis if the answer was not the primary before the outage."""
    if not evidence.measured.was_elsewhere:
        return None
    led = f"the answer was {evidence.measured.before} when the outage began"
    checks = (*evidence.leaves, *_own(evidence))
    unwell = next((each for each in checks if not evidence.is_healthy(each, -1.0)), None)
    if unwell is None:
        return MissedTargetCause(
            id="primary-unhealthy-before",
            problem=f"No check of the primary was unhealthy, but {led}.",
            change=f"Check the switches and records of {evidence.result.world.device_name}.",
        )
    return MissedTargetCause(
        id="primary-unhealthy-before",
        problem=f"{unwell.id} of the primary was unhealthy, so {led}.",
        change=f"Fix the target of {unwell.id} ({_target(unwell)}) until the check is healthy"
        " without an outage.",
    )


def standby_unhealthy(evidence: Evidence) -> MissedTargetCause | None:
    """Return a diagnosis if the standby was unhealthy at the same time as the primary."""
    primary, standby = evidence.record, evidence.standby_record
    if not evidence.is_stuck or primary is None or standby is None:
        return None
    both = [
        at
        for at in evidence.check_changes
        if not (evidence.is_well(primary, at) or evidence.is_well(standby, at))
    ]
    if not both:
        return None
    standby_check = standby.check or f"the target of {standby.target}"
    since = (
        "since before the outage"
        if not evidence.is_well(standby, -1.0)
        else f"after {duration(both[0])}"
    )
    return MissedTargetCause(
        id="standby-unhealthy",
        problem=f"{standby_check} of the standby was unhealthy {since}. With both records unhealthy"
        f" Route 53 answers with the PRIMARY, so the answer stayed {primary.target}.",
        change=f"Fix {standby_check} until it is healthy without an outage. A check through the"
        " broker fails during a reconnect storm; use a TCP check or none for the SECONDARY.",
    )


def check_of_another_region(evidence: Evidence) -> MissedTargetCause | None:
    """Return a diagnosis if the primary's checks probe only regions that did not fail."""
    asking = [each for each in evidence.leaves if each.region]
    region = evidence.recording.region
    if not evidence.is_stuck or not asking or any(each.region == region for each in asking):
        return None
    return MissedTargetCause(
        id="check-of-another-region",
        problem=f"The PRIMARY record depends on {asking[0].id}, which probes {asking[0].region}; no"
        f" check probes {region}, the region that failed.",
        change=f"Set `fqdn` of {asking[0].id} to the regional name of {region}.",
    )


def check_blind(evidence: Evidence) -> MissedTargetCause | None:
    """Return a diagnosis if the failed region's checks stayed healthy during the outage."""
    watching = [each for each in evidence.leaves if each.region == evidence.recording.region]
    if not evidence.is_stuck or not watching:
        return None
    if not all(evidence.is_healthy(each, at) for each in watching for at in evidence.check_changes):
        return None
    if evidence.recording.restored is not None and _too_short(
        evidence, evidence.recording.restored
    ):
        return None
    is_shallow = all(each.type == "TCP" for each in watching)
    why = (
        "a TCP check only detects that a port accepts connections"
        if is_shallow
        else "they do not use the devices' path"
    )
    names = ", ".join(each.id for each in watching)
    return MissedTargetCause(
        id="check-blind",
        problem=f"{names} stayed healthy during the outage, in which"
        f" {evidence.measured.lost:,} devices lost their link: {why}.",
        change="Set `health.mode: deep`, which publishes through the region's name."
        if is_shallow
        else f"Let {names} use the devices' path, or switch the region away manually.",
    )


def outage_too_short(evidence: Evidence) -> MissedTargetCause | None:
    """Return a diagnosis if the outage ended before the checks could detect it."""
    restored = evidence.recording.restored
    if not evidence.is_stuck or restored is None or not (needed := _too_short(evidence, restored)):
        return None
    return MissedTargetCause(
        id="outage-too-short",
        problem=f"The outage ended after {duration(restored)}; checks need {duration(needed)} to"
        " detect one.",
        change="Lower `health.threshold` or `health.interval` if so short an outage must move the"
        " fleet; otherwise change nothing.",
    )


def check_not_heeded(evidence: Evidence) -> MissedTargetCause | None:
    """Return a diagnosis if a check detected the outage but its calculated parent did not."""
    check = evidence.check
    if not evidence.is_stuck or check is None or check.type != CALCULATED:
        return None
    region = evidence.recording.region
    seeing = [
        check
        for check in evidence.leaves
        if check.region == region
        and any(not evidence.is_healthy(check, at) for at in evidence.check_changes)
    ]
    if not seeing or not all(evidence.is_healthy(check, at) for at in evidence.check_changes):
        return None
    return MissedTargetCause(
        id="check-not-heeded",
        problem=f"{seeing[0].id} became unhealthy, but {check.id} stayed healthy: it needs only"
        f" {check.child_threshold} of its {len(check.children)} children.",
        change=f"Set `child_health_threshold` of {check.id} to {len(check.children)}.",
    )


def _own(evidence: Evidence) -> tuple[HealthCheck, ...]:
    return (evidence.check,) if evidence.check else ()


def _target(check: HealthCheck) -> str:
    if check.alarm:
        return f"the alarm {check.alarm}"
    return f"{check.type} {check.region or 'no region'}, port {check.port}"


def _too_short(evidence: Evidence, restored: float) -> float:
    """Return the seconds that the fastest check needs, or 0 if the outage lasted as long."""
    needed = min(
        (each.threshold * each.interval for each in evidence.leaves if each.region), default=0
    )
    return float(needed) if restored < needed else 0.0
