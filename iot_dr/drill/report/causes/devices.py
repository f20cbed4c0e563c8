"""Causes in the standby's registry, names and certificates, and in the devices.

Each function returns None if its cause does not fit.
"""

from typing import Final

from iot_dr.design.iot_policy import BrokerClient, ClientPolicies
from iot_dr.drill.fleet.device import thing_name
from iot_dr.drill.fleet.topics import Topics
from iot_dr.drill.report.causes.evidence import Evidence, MissedTargetCause, count
from iot_dr.drill.report.seconds import duration


def devices_unknown(evidence: Evidence) -> MissedTargetCause | None:
    """Return a diagnosis if the devices are not registered in the standby."""
    standby, refused = evidence.standby, count(evidence.recording.refusals, "authorization")
    if (
        standby is None
        or standby.knows_devices
        or not (evidence.is_late and evidence.measured.failover)
    ):
        return None
    return MissedTargetCause(
        id="devices-unknown",
        problem=f"{standby.region} does not have the devices of another region: {refused:,}"
        f" connects were refused as not authorized, and {evidence.measured.outlasted:,} devices"
        " were not back during the outage.",
        change="Add `data` to the settings, which replicates things, certificates and policies to"
        " every region.",
    )


def policy_denies(evidence: Evidence) -> MissedTargetCause | None:
    """Return a diagnosis if the devices' IoT policy in the standby denies what they need."""
    denied = _denied(evidence)
    if evidence.standby is None or not denied or not evidence.is_in_vain:
        return None
    region = evidence.standby.region
    return MissedTargetCause(
        id="policy-denies",
        problem=f"The devices' IoT policy in {region} does not allow {', '.join(denied)};"
        f" {evidence.measured.outlasted:,} devices were not back during the outage.",
        change=f"Compare the policy (aws_iot_policy in iot-{evidence.recording.environment}-iot-"
        f"{region}) with that of {evidence.result.world.primary.region}: its ARNs must have the"
        " region.",
    )


def refuses_by_design(evidence: Evidence) -> bool:
    """Whether the standby cannot serve the devices, however fast the machine is."""
    standby = evidence.standby
    return standby is not None and (
        bool(_denied(evidence))
        or not standby.knows_devices
        or evidence.result.world.device_name not in standby.served_names
    )


def _denied(evidence: Evidence) -> list[str]:
    """Return the actions of a device that its IoT policy in the standby does not allow."""
    standby = evidence.standby
    if standby is None or not standby.knows_devices:
        return []
    thing, policies = thing_name(0), ClientPolicies(standby.policies)
    client = BrokerClient(standby.region, evidence.settings.account_id, thing, thing)
    requests = Topics(evidence.recording.environment, thing).requests
    return [
        f"iot:{action} on {client.arn(action, name)}"
        for action, names in requests.items()
        for name in names
        if not policies.allow(client, action, name)
    ]


def devices_refused(evidence: Evidence) -> MissedTargetCause | None:
    """Return a diagnosis if the standby has the devices but refuses them."""
    standby, refused = evidence.standby, count(evidence.recording.refusals, "authorization")
    if _denied(evidence):
        return None
    if standby is None or not standby.knows_devices or not refused or not evidence.is_in_vain:
        return None
    return MissedTargetCause(
        id="devices-refused",
        problem=f"{standby.region} has the devices' data, but {refused:,} connects were refused as"
        f" not authorized; {evidence.measured.outlasted:,} devices were not back during the"
        " outage.",
        change="Compare the registries with `iot-dr registry diff`: a certificate may be inactive,"
        " or its policy not attached.",
    )


def name_not_served(evidence: Evidence) -> MissedTargetCause | None:
    """Return a diagnosis if the standby has no domain configuration for the device name."""
    standby, name = evidence.standby, evidence.result.world.device_name
    if standby is None or name in standby.served_names:
        return None
    if not (evidence.is_late and evidence.measured.failover):
        return None
    refused = count(evidence.recording.refusals, "certificate")
    served = ", ".join(sorted(standby.served_names)) or "no name"
    return MissedTargetCause(
        id="name-not-served",
        problem=f"{standby.region} serves {served}, not {name}; devices could not verify its"
        f" certificate ({refused:,} connects failed in TLS).",
        change=f"Add a domain configuration for {name} in {standby.region}"
        f" (aws_iot_domain_configuration in iot-{evidence.recording.environment}-iot-"
        f"{standby.region}).",
    )


def certificate_refused(evidence: Evidence) -> MissedTargetCause | None:
    """Return a diagnosis if devices refuse the standby's certificate for a name it serves."""
    standby, refused = evidence.standby, count(evidence.recording.refusals, "certificate")
    if standby is None or not refused or not evidence.is_in_vain:
        return None
    if evidence.result.world.device_name not in standby.served_names:
        return None
    return MissedTargetCause(
        id="certificate-refused",
        problem=f"{refused:,} connects failed because a certificate was refused.",
        change=f"Check the certificate of {standby.region} (aws_acm_certificate in"
        f" iot-{evidence.recording.environment}-iot-{standby.region}) and the devices' CA.",
    )


def primary_not_serving(evidence: Evidence) -> MissedTargetCause | None:
    """Return a diagnosis if the primary did not serve all devices before the outage."""
    primary = evidence.measured.primary
    if not (why := evidence.recording.unserved.get(primary)):
        return None
    return MissedTargetCause(
        id="primary-not-serving",
        problem=f"{primary} did not serve all devices before the outage: {why}.",
        change=f"Check the domain configuration, certificate and device policy of {primary}.",
    )


def standby_not_serving(evidence: Evidence) -> MissedTargetCause | None:
    """Return a diagnosis if a standby refused a device before the outage.

    None if the outage showed why that standby refuses devices, which another diagnosis says.
    """
    primary, unserved = evidence.measured.primary, evidence.recording.unserved
    standby = next((region for region in unserved if region != primary), None)
    if standby is None:
        return None
    is_explained = any(refusal(evidence) for refusal in _REFUSALS)
    if is_explained and evidence.standby and evidence.standby.region == standby:
        return None
    name = evidence.result.world.device_name
    return MissedTargetCause(
        id="standby-not-serving",
        problem=f"{standby} refused a device under {name} before the outage: {unserved[standby]}.",
        change=f"Compare the domain configuration, certificate, policy and devices of {standby}"
        f" with those of {primary}.",
    )


_REFUSALS: Final = (
    *(devices_unknown, policy_denies, devices_refused),
    *(name_not_served, certificate_refused),
)
"""Why a standby refuses devices."""


def messages_lost(evidence: Evidence) -> MissedTargetCause | None:
    """Return a diagnosis if acknowledged messages were not received."""
    messages = evidence.recording.messages
    if not messages.lost:
        return None
    return MissedTargetCause(
        id="messages-lost",
        problem=f"{messages.lost:,} of {messages.acknowledged:,} acknowledged messages never"
        f" reached a consumer; {messages.dropped:,} more were dropped by full buffers.",
        change="Check the broker's consumers: a message must not be acknowledged before a rule or"
        " a consumer has it.",
    )


def devices_late(evidence: Evidence) -> MissedTargetCause | None:
    """Return a diagnosis if devices were late although failover, TTL and back-off left time."""
    failover, recording, measured = (
        evidence.measured.failover,
        evidence.recording,
        evidence.measured,
    )
    if not failover or not evidence.is_late:
        return None
    due = failover.at + recording.ttl + recording.habits.ceiling
    has_reason = any(
        count(recording.refusals, kind) for kind in ("rate", "authorization", "certificate")
    )
    if due > min(evidence.rto, evidence.over) or has_reason:
        return None
    late = measured.lost - measured.recovery.count(due)
    return MissedTargetCause(
        id="devices-late",
        problem=f"{late:,} devices were not back {duration(due)} after the outage, although the"
        " answer had moved, TTL and back-off had passed, and no region refused them.",
        change="Look for resolvers that cache an answer for longer than `endpoint.ttl`, and for"
        " devices that do not detect a dead link or do not retry.",
    )
