"""Causes in the changes of the answer, and in TTL, back-off and connect rate.

Each function returns None if its cause does not fit.
"""

from math import floor

from iot_dr.drill.outages.expectation import Effect
from iot_dr.drill.report.causes.evidence import Evidence, MissedTargetCause, count
from iot_dr.drill.report.seconds import duration
from iot_dr.forecast.quotas import QUOTAS


def answer_flapped(evidence: Evidence) -> MissedTargetCause | None:
    """Return a diagnosis if the answer changed repeatedly during the outage."""
    moves = [each for each in evidence.measured.moves if each.at <= evidence.over]
    if len(moves) < 2:  # noqa: PLR2004 - there and back
        return None
    return MissedTargetCause(
        id="answer-flapped",
        problem=f"The answer changed {len(moves)} times in {duration(moves[-1].at - moves[0].at)}.",
        change="Set `recovery.fail_back: latched`, and use a TCP check or none for the SECONDARY:"
        " a check through the standby's broker fails during a reconnect storm.",
    )


def answer_moved(evidence: Evidence) -> MissedTargetCause | None:
    """Return a diagnosis if the answer moved although it should not."""
    measured = evidence.measured
    if evidence.result.expectation.effect is not Effect.STAYS or not measured.failover:
        return None
    turned = measured.detection
    if turned is None:
        seen, change = "no check was unhealthy", "Check the device name's switches and records."
    else:
        # Names the cause instead of a calculated check that depends on it.
        unwell = [
            check.id for check in evidence.leaves if not evidence.is_healthy(check, turned.at + 1)
        ]
        name = (*unwell, turned.name)[0]
        seen = f"{name} became unhealthy after {duration(turned.at)}"
        change = f"Check {name}, which failed without cause, or increase `health.threshold`."
    return MissedTargetCause(
        id="answer-moved",
        problem="Devices could use the region, but the answer moved after"
        f" {duration(measured.failover.at)}: {seen}.",
        change=change,
    )


def failover_never_came(evidence: Evidence) -> MissedTargetCause | None:
    """Return a diagnosis if a check became unhealthy but the answer did not follow."""
    check, record = evidence.check, evidence.record
    if not evidence.is_stuck or check is None or record is None:
        return None
    unwell = [at for at in evidence.check_changes if not evidence.is_healthy(check, at)]
    standby = evidence.standby_record
    if not unwell or (standby and not all(evidence.is_well(standby, at) for at in unwell)):
        return None
    if standby is None:
        return MissedTargetCause(
            id="no-standby-record",
            problem=f"{check.id} became unhealthy after {duration(unwell[0])}, but {record.name}"
            " has no SECONDARY record.",
            change=f"Add a SECONDARY record for {record.name} (aws_route53_record in"
            f" iot-{evidence.recording.environment}-entry-point).",
        )
    return MissedTargetCause(
        id="flip-never-came",
        problem=f"{check.id} became unhealthy after {duration(unwell[0])} and the standby was"
        " healthy, but the answer had not changed when the outage ended after"
        f" {duration(evidence.over)}.",
        change=f"Check the records of {record.name}: the name servers returned an old answer.",
    )


def failover_too_late(evidence: Evidence) -> MissedTargetCause | None:
    """Return a diagnosis if the answer moved too late for any TTL."""
    failover = evidence.measured.failover
    if (
        not failover
        or not evidence.is_late
        or failover.at + evidence.recording.habits.ceiling <= evidence.rto
    ):
        return None
    health = evidence.settings.health
    detection = evidence.measured.detection
    after = (
        f", {duration(failover.at - detection.at)} after {detection.name} became unhealthy"
        if detection
        else ""
    )
    return MissedTargetCause(
        id="flip-too-late",
        problem=f"The answer moved only after {duration(failover.at)}{after}; with"
        f" {health.threshold} checks {health.interval} s apart, no TTL meets the target of"
        f" {duration(evidence.rto)}.",
        change="Lower `health.interval` (30 to 10) or `health.threshold`, or raise the target"
        " `recovery.rto`.",
    )


def ttl_too_long(evidence: Evidence) -> MissedTargetCause | None:
    """Return a diagnosis if resolvers cached the old answer for too long after the failover."""
    failover, recording = evidence.measured.failover, evidence.recording
    ceiling = recording.habits.ceiling
    if not failover or not evidence.is_late or count(recording.refusals, "rate"):
        return None
    room = evidence.rto - failover.at - ceiling
    if room < 1 or recording.ttl <= room:
        return None
    first = evidence.measured.recovery.first
    if first is not None and failover.at <= first < evidence.over:
        back = f"the first device was back {duration(first - failover.at)} later"
    else:
        left = duration(evidence.over - failover.at)
        back = f"no device was back when the outage ended {left} later"
    return MissedTargetCause(
        id="ttl-too-long",
        problem=f"The answer moved after {duration(failover.at)}, but resolvers cache the old one"
        f" for {duration(recording.ttl)}: {back}.",
        change=f"Set `endpoint.ttl` to at most {floor(room):,}: {duration(evidence.rto)} minus the"
        f" failover and a back-off of {duration(ceiling)}. The current value is {recording.ttl:,}.",
    )


def backoff_too_long(evidence: Evidence) -> MissedTargetCause | None:
    """Return a diagnosis if the back-off is too long for the target."""
    failover, recording = evidence.measured.failover, evidence.recording
    if not failover or not evidence.is_late or count(recording.refusals, "rate"):
        return None
    room = evidence.rto - failover.at - recording.ttl
    if room < 1 or recording.habits.ceiling <= room:
        return None
    return MissedTargetCause(
        id="backoff-too-long",
        problem=f"Devices wait up to {duration(recording.habits.ceiling)} between attempts; after"
        f" the failover at {duration(failover.at)} and a TTL of {duration(recording.ttl)} only"
        f" {duration(room)} are left.",
        change=f"Lower the devices' back-off to at most {floor(room):,} s, then set"
        " `recovery.backoff_ceiling` to it.",
    )


def standby_refused_by_rate(evidence: Evidence) -> MissedTargetCause | None:
    """Return a diagnosis if the standby's connect rate was too low for the target."""
    recording, measured = evidence.recording, evidence.measured
    refused = count(recording.refusals, "rate")
    if not evidence.is_late or not refused:
        return None
    last = duration(measured.recovery.last, "never")
    rate = evidence.settings.recovery.connect_rate
    return MissedTargetCause(
        id="standby-refused-by-rate",
        problem=f"The standby refused {refused:,} connects above its connect rate; it accepted at"
        f" most {measured.peak_accepted:,} per second, and the last device was back after"
        f" {last}.",
        change="Raise the standby's quota of connect requests per second"
        f" ({QUOTAS['connect_rate']}), then set `recovery.connect_rate` (now {rate:,}) to it.",
    )
