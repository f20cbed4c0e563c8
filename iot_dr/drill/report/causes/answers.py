"""Causes that lie in when, and how often, the answer changed, and in how long each step takes."""

from math import floor

from iot_dr.drill.outages.expectation import Effect
from iot_dr.drill.report.causes.evidence import Diagnosis, Evidence, count
from iot_dr.drill.report.seconds import told


def answer_flapped(evidence: Evidence) -> Diagnosis | None:
    """Find an answer that changed back and forth during the outage."""
    moves = [each for each in evidence.measured.moves if each.at <= evidence.over]
    if len(moves) < 2:  # noqa: PLR2004 - there and back
        return None
    return Diagnosis(
        id="answer-flapped",
        what=f"The answer changed {len(moves)} times in {told(moves[-1].at - moves[0].at)}, so"
        " devices were led back and forth.",
        change="Set `recovery.fail_back: latched`, and let the SECONDARY ask TCP or nothing: a"
        " check that must get through the standby's broker fails while a fleet storms it.",
    )


def answer_moved(evidence: Evidence) -> Diagnosis | None:
    """Find what moved an answer that was to stay."""
    measured = evidence.measured
    if evidence.result.expectation.effect is not Effect.STAYS or not measured.flip:
        return None
    turned = measured.detection
    if turned is None:
        seen, change = "no check told why", "Look at the switches and records of the device name."
    else:
        # What depends on others turns with them: those are to be looked at.
        unwell = [
            each.id for each in evidence.leaves if not evidence.is_healthy(each, turned.at + 1)
        ]
        name = (*unwell, turned.what)[0]
        seen = f"{name} turned unhealthy after {told(turned.at)}"
        change = f"Look at {name}: it fails without need. More `health.threshold` bears more."
    return Diagnosis(
        id="answer-moved",
        what="Nothing that devices need was gone, yet the answer moved after"
        f" {told(measured.flip.at)}: {seen}.",
        change=change,
    )


def flip_never_came(evidence: Evidence) -> Diagnosis | None:
    """Find a check that turned unhealthy, and no answer that followed."""
    check, record = evidence.check, evidence.record
    if not evidence.is_stuck or check is None or record is None:
        return None
    unwell = [at for at in evidence.moments if not evidence.is_healthy(check, at)]
    standby = evidence.standby_record
    if not unwell or (standby and not all(evidence.is_well(standby, at) for at in unwell)):
        return None
    if standby is None:
        return Diagnosis(
            id="no-standby-record",
            what=f"{check.id} turned unhealthy after {told(unwell[0])}, but {record.name} has no"
            " SECONDARY record that could answer instead.",
            change=f"Give {record.name} a SECONDARY record (aws_route53_record in"
            f" iot-{evidence.recording.environment}-entry-point).",
        )
    return Diagnosis(
        id="flip-never-came",
        what=f"{check.id} turned unhealthy after {told(unwell[0])} and the standby was healthy, but"
        f" no other answer came until the outage was over after {told(evidence.over)}.",
        change=f"Look at the records of {record.name}: the name servers told an old answer.",
    )


def flip_too_late(evidence: Evidence) -> Diagnosis | None:
    """Find an answer that moved too late for any TTL."""
    flip = evidence.measured.flip
    if (
        not flip
        or not evidence.is_late
        or flip.at + evidence.recording.habits.ceiling <= evidence.rto
    ):
        return None
    health = evidence.settings.health
    found = evidence.measured.detection
    after = f", {told(flip.at - found.at)} after {found.what} turned unhealthy" if found else ""
    return Diagnosis(
        id="flip-too-late",
        what=f"The answer moved only after {told(flip.at)}{after}; with {health.threshold} checks"
        f" {health.interval} s apart no TTL leaves time until {told(evidence.rto)}.",
        change="Lower `health.interval` (30 to 10) or `health.threshold`, or allow more"
        " (`recovery.rto`).",
    )


def ttl_too_long(evidence: Evidence) -> Diagnosis | None:
    """Find resolvers that kept the old answer for too long after the flip."""
    flip, recording = evidence.measured.flip, evidence.recording
    ceiling = recording.habits.ceiling
    if not flip or not evidence.is_late or count(recording.refusals, "rate"):
        return None
    room = evidence.rto - flip.at - ceiling
    if room < 1 or recording.ttl <= room:
        return None
    first = evidence.measured.recovery.first
    if first is not None and flip.at <= first < evidence.over:
        back = f"the first device asked again and was back {told(first - flip.at)} later"
    else:
        left = told(evidence.over - flip.at)
        back = f"no device had asked again when the outage ended {left} later"
    return Diagnosis(
        id="ttl-too-long",
        what=f"The answer moved after {told(flip.at)}, but resolvers keep the old one for"
        f" {told(recording.ttl)}: {back}.",
        change=f"Set `endpoint.ttl` to at most {floor(room):,}: {told(evidence.rto)} less the flip"
        f" and a back-off of {told(ceiling)}. It is {recording.ttl:,} now.",
    )


def backoff_too_long(evidence: Evidence) -> Diagnosis | None:
    """Find devices whose back-off alone takes them past the target."""
    flip, recording = evidence.measured.flip, evidence.recording
    if not flip or not evidence.is_late or count(recording.refusals, "rate"):
        return None
    room = evidence.rto - flip.at - recording.ttl
    if room < 1 or recording.habits.ceiling <= room:
        return None
    return Diagnosis(
        id="backoff-too-long",
        what=f"Devices wait up to {told(recording.habits.ceiling)} between two attempts; after the"
        f" flip at {told(flip.at)} and a TTL of {told(recording.ttl)} only {told(room)} are left.",
        change="Let devices back off up to"
        f" {floor(room):,} s at most, then tell so in `recovery.backoff_ceiling`.",
    )


def standby_refused_by_rate(evidence: Evidence) -> Diagnosis | None:
    """Find a standby that took devices in more slowly than the target allows."""
    recording, measured = evidence.recording, evidence.measured
    refused = count(recording.refusals, "rate")
    if not evidence.is_late or not refused:
        return None
    last = told(measured.recovery.last, "never")
    rate = evidence.settings.recovery.connect_rate
    return Diagnosis(
        id="standby-refused-by-rate",
        what=f"The standby refused {refused:,} connects because there were too many a second; it"
        f" accepted at most {measured.peak_accepted:,}, and the last device was back after {last}.",
        change="Raise the quota of connects in the standby (L-AEA1E176), then tell so in"
        f" `recovery.connect_rate` (now {rate:,}).",
    )
