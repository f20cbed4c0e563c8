"""Causes that lie in what the standby knows and serves, and in the devices."""

from iot_dr.drill.report.causes.evidence import Diagnosis, Evidence, count
from iot_dr.drill.report.seconds import told


def devices_unknown(evidence: Evidence) -> Diagnosis | None:
    """Find a standby in which the devices are not registered."""
    standby, refused = evidence.standby, count(evidence.recording.refusals, "authorization")
    if (
        standby is None
        or standby.knows_devices
        or not (evidence.is_late and evidence.measured.flip)
    ):
        return None
    return Diagnosis(
        id="devices-unknown",
        what=f"{standby.region} does not know devices that were made in another region: connects"
        f" were refused {refused:,} times as not authorized, and {evidence.measured.outlasted:,}"
        " devices were not back while the outage was on.",
        change="Give the settings `data`, so that things, certificates and policies are in every"
        " region; without it no device is known in a standby.",
    )


def devices_refused(evidence: Evidence) -> Diagnosis | None:
    """Find a standby that knows the devices and refuses them."""
    standby, refused = evidence.standby, count(evidence.recording.refusals, "authorization")
    if standby is None or not standby.knows_devices or not refused or not evidence.is_in_vain:
        return None
    return Diagnosis(
        id="devices-refused",
        what=f"{standby.region} has the devices' data, and yet {refused:,} connects were refused as"
        f" not authorized; {evidence.measured.outlasted:,} devices were not back while the outage"
        " was on.",
        change="Compare the registries with `iot-dr registry diff`: a certificate may be inactive"
        " there, or its policy not attached.",
    )


def name_not_served(evidence: Evidence) -> Diagnosis | None:
    """Find a standby that has no domain configuration for the device name."""
    standby, name = evidence.standby, evidence.result.world.device_name
    if standby is None or name in standby.served_names:
        return None
    if not (evidence.is_late and evidence.measured.flip):
        return None
    refused = count(evidence.recording.refusals, "certificate")
    served = ", ".join(sorted(standby.served_names)) or "no name"
    return Diagnosis(
        id="name-not-served",
        what=f"{standby.region} serves {served} and not {name}:"
        f" devices could not verify its certificate ({refused:,} connects failed at TLS).",
        change=f"Give {standby.region} a domain configuration for {name}"
        f" (aws_iot_domain_configuration in iot-{evidence.recording.environment}-iot-"
        f"{standby.region}).",
    )


def certificate_refused(evidence: Evidence) -> Diagnosis | None:
    """Find a standby whose certificate devices refuse, though it serves the name."""
    standby, refused = evidence.standby, count(evidence.recording.refusals, "certificate")
    if standby is None or not refused or not evidence.is_in_vain:
        return None
    if evidence.result.world.device_name not in standby.served_names:
        return None
    return Diagnosis(
        id="certificate-refused",
        what=f"{refused:,} connects failed because a certificate was not accepted.",
        change=f"Look at the certificate of {standby.region} (aws_acm_certificate in"
        f" iot-{evidence.recording.environment}-iot-{standby.region}), and at the devices' CA.",
    )


def messages_lost(evidence: Evidence) -> Diagnosis | None:
    """Find messages that a broker acknowledged and nobody received."""
    messages = evidence.recording.messages
    if not messages.lost:
        return None
    return Diagnosis(
        id="messages-lost",
        what=f"{messages.lost:,} of {messages.acknowledged:,} acknowledged messages never came to a"
        f" consumer; {messages.dropped:,} more were dropped by full buffers and count apart.",
        change="Look at what takes messages from the broker: an acknowledgement must not be sent"
        " before a rule or a consumer has the message.",
    )


def devices_late(evidence: Evidence) -> Diagnosis | None:
    """Find devices that were late though the answer, its TTL and the back-off left them time."""
    flip, recording, measured = evidence.measured.flip, evidence.recording, evidence.measured
    if not flip or not evidence.is_late:
        return None
    due = flip.at + recording.ttl + recording.habits.ceiling
    told_why = any(
        count(recording.refusals, kind) for kind in ("rate", "authorization", "certificate")
    )
    if due > min(evidence.rto, evidence.over) or told_why:
        return None
    late = measured.lost - measured.recovery.count(due)
    return Diagnosis(
        id="devices-late",
        what=f"{late:,} devices were not back {told(due)} after the outage, when the answer had"
        " moved and TTL and back-off had passed, and no region refused them.",
        change="Look for resolvers that keep an answer for longer than `endpoint.ttl`, and for"
        " devices that do not notice a dead link or do not try again.",
    )
