"""Causes that lie in the health checks, or in records that do not ask them."""

from iot_dr.drill.report.causes.evidence import Diagnosis, Evidence
from iot_dr.drill.report.seconds import told
from iot_dr.route53.check import HealthCheck


def record_without_check(evidence: Evidence) -> Diagnosis | None:
    """Find a PRIMARY record that asks nothing, which always counts as healthy."""
    record = evidence.record
    if not evidence.is_stuck or record is None or record.check or record.evaluates_target:
        return None
    return Diagnosis(
        id="record-without-check",
        what=f"The record of {record.name} that leads to {record.target} asks no health check, so"
        " it always counts as healthy and the answer can never move.",
        change="Give the PRIMARY record its `health_check_id`"
        f" (aws_route53_record in iot-{evidence.recording.environment}-entry-point).",
    )


def check_disabled(evidence: Evidence) -> Diagnosis | None:
    """Find a disabled check, which counts as healthy whatever happens."""
    disabled = [each for each in (*_own(evidence), *evidence.leaves) if each.disabled]
    if not evidence.is_stuck or not disabled:
        return None
    return Diagnosis(
        id="check-disabled",
        what=f"{disabled[0].id} is disabled and counts as healthy, whatever it would find.",
        change=f"Remove `disabled` from {disabled[0].id}.",
    )


def primary_unhealthy_before(evidence: Evidence) -> Diagnosis | None:
    """Find what led the answer away from the primary before anything had happened."""
    if not evidence.measured.was_elsewhere:
        return None
    led = f"the answer led to {evidence.measured.before} already when the outage began"
    asked = (*evidence.leaves, *_own(evidence))
    unwell = next((each for each in asked if not evidence.is_healthy(each, -1.0)), None)
    if unwell is None:
        return Diagnosis(
            id="primary-unhealthy-before",
            what=f"No check of the primary was unhealthy, and yet {led}.",
            change=f"Look at the switches and records of {evidence.result.world.device_name}.",
        )
    return Diagnosis(
        id="primary-unhealthy-before",
        what=f"{unwell.id} of the primary was unhealthy, so {led}.",
        change=f"Mend what {unwell.id} asks ({_asks(unwell)}) until it is healthy in quiet times.",
    )


def standby_unhealthy(evidence: Evidence) -> Diagnosis | None:
    """Find a standby that counted as unhealthy together with the primary."""
    one, two = evidence.record, evidence.standby_record
    if not evidence.is_stuck or one is None or two is None:
        return None
    both = [
        at
        for at in evidence.moments
        if not (evidence.is_well(one, at) or evidence.is_well(two, at))
    ]
    if not both:
        return None
    asked = two.check or f"what {two.target} leads to"
    since = (
        "since before the outage" if not evidence.is_well(two, -1.0) else f"after {told(both[0])}"
    )
    return Diagnosis(
        id="standby-unhealthy",
        what=f"{asked}, which guards the standby, was unhealthy {since}. With both sides unhealthy"
        f" Route 53 answers with the PRIMARY, so the answer stayed at {one.target}.",
        change=f"Mend {asked} until it is healthy in quiet times; a check that must get through the"
        " broker fails under a fleet's storm, so let the SECONDARY ask TCP, or nothing.",
    )


def check_of_another_region(evidence: Evidence) -> Diagnosis | None:
    """Find a primary whose checks all ask regions other than the one that failed."""
    asking = [each for each in evidence.leaves if each.region]
    region = evidence.recording.region
    if not evidence.is_stuck or not asking or any(each.region == region for each in asking):
        return None
    return Diagnosis(
        id="check-of-another-region",
        what=f"The PRIMARY record depends on {asking[0].id}, which asks {asking[0].region}; nothing"
        f" asks {region}, the region that failed.",
        change=f"Let {asking[0].id} ask the regional name of {region}.",
    )


def check_blind(evidence: Evidence) -> Diagnosis | None:
    """Find checks of the failed region that stayed healthy while devices were hurt."""
    watching = [each for each in evidence.leaves if each.region == evidence.recording.region]
    if not evidence.is_stuck or not watching:
        return None
    if not all(evidence.is_healthy(each, at) for each in watching for at in evidence.moments):
        return None
    if evidence.recording.restored is not None and _too_short(
        evidence, evidence.recording.restored
    ):
        return None
    is_shallow = all(each.type == "TCP" for each in watching)
    why = "a TCP check sees that a port accepts connections" if is_shallow else "it asks otherwise"
    names = ", ".join(each.id for each in watching)
    return Diagnosis(
        id="check-blind",
        what=f"{names} stayed healthy while the outage was on, in which"
        f" {evidence.measured.lost:,} devices lost their link: {why}, and no more.",
        change="Set `health.mode: deep`, which publishes through the region's own name."
        if is_shallow
        else f"Let {names} go the way that devices go, or switch such a region away by hand.",
    )


def outage_too_short(evidence: Evidence) -> Diagnosis | None:
    """Find an outage that was over before the checks could agree."""
    restored = evidence.recording.restored
    if not evidence.is_stuck or restored is None or not (needed := _too_short(evidence, restored)):
        return None
    return Diagnosis(
        id="outage-too-short",
        what=f"The outage was over after {told(restored)}; checks need {told(needed)} to agree.",
        change="Lower `health.threshold` or `health.interval` if losses as short as this must move"
        " the fleet; otherwise nothing is wrong.",
    )


def check_not_heeded(evidence: Evidence) -> Diagnosis | None:
    """Find a check that saw the outage, and a PRIMARY record that did not depend on it alone."""
    check = evidence.check
    if not evidence.is_stuck or check is None or check.type != "CALCULATED":
        return None
    region = evidence.recording.region
    seeing = [
        each
        for each in evidence.leaves
        if each.region == region
        and any(not evidence.is_healthy(each, at) for at in evidence.moments)
    ]
    if not seeing or not all(evidence.is_healthy(check, at) for at in evidence.moments):
        return None
    return Diagnosis(
        id="check-not-heeded",
        what=f"{seeing[0].id} turned unhealthy, but {check.id} stayed healthy: it is content with"
        f" {check.child_threshold} of its {len(check.children)} children.",
        change=f"Set `child_health_threshold` of {check.id} to {len(check.children)}.",
    )


def _own(evidence: Evidence) -> tuple[HealthCheck, ...]:
    return (evidence.check,) if evidence.check else ()


def _asks(check: HealthCheck) -> str:
    if check.alarm:
        return f"the alarm {check.alarm}"
    return f"{check.type} {check.region or 'no region'}, port {check.port}"


def _too_short(evidence: Evidence, restored: float) -> float:
    """Return the seconds that the quickest check needs, 0 where the outage lasted that long."""
    needed = min(
        (each.threshold * each.interval for each in evidence.leaves if each.region), default=0
    )
    return float(needed) if restored < needed else 0.0
