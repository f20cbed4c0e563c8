"""Causes that lie in when, and how often, the answer changed."""

from iot_dr.drill.expectation import Effect
from iot_dr.drill.report.causes.diagnosis import Diagnosis
from iot_dr.drill.report.evidence import Evidence
from iot_dr.drill.report.seconds import told


def answer_flapped(evidence: Evidence) -> Diagnosis | None:
    """Find an answer that went to and fro while the outage was on."""
    moves = [each for each in evidence.measured.moves if each.at <= evidence.over]
    if len(moves) < 2:  # noqa: PLR2004 - there and back
        return None
    return Diagnosis(
        id="answer-flapped",
        what=f"The answer changed {len(moves)} times in {told(moves[-1].at - moves[0].at)}, so"
        " devices were led to and fro.",
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
