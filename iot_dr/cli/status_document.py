"""The document that `iot-dr status --json` and `iot-dr deploy --json` print."""

import json
from dataclasses import fields
from datetime import datetime
from typing import Any, cast

from pydantic import BaseModel

from iot_dr.cli.state_report import StateReport
from iot_dr.common.renamed_keys import with_old_keys
from iot_dr.common.user_error import UserError
from iot_dr.observe.status.metrics import EVENTS, Devices
from iot_dr.observe.status.report import Observations, RegionReport
from iot_dr.observe.status.route import Route
from iot_dr.observe.status.unknown import UnknownValue
from iot_dr.observe.status.verdict import StatusVerdict
from iot_dr.observe.switch.check_reports import CheckReports


def status_document(seen: Observations, verdict: StatusVerdict) -> dict[str, Any]:
    """Return a status as JSON values: durations in seconds, an unknown value as its reason."""
    states, diagnosis = seen.states, verdict.diagnosis
    document = {
        "environment": seen.settings.environment,
        "observed_at": seen.taken,
        "verdict": verdict.word,
        "reasons": verdict.reasons,
        "cause": diagnosis.finding.cause,
        "cause_regions": diagnosis.finding.regions,
        "cause_words": verdict.cause,
        "next_command": diagnosis.command,
        "advice": diagnosis.advice,
        "runbook": diagnosis.finding.cause.page,
        "other_causes": diagnosis.others,
        "evidence": diagnosis.evidence,
        "could_not_be_read": diagnosis.unread,
        "device_name": seen.settings.device_name,
        "primary_region": seen.settings.primary_region,
        "by_checks": _route(seen.route),
        "by_dns": seen.names,
        "regions": [_region(each, seen) for each in seen.regions],
        "alarm_topics": [
            {"topic": topic.name, "region": topic.region, "subscriptions": subscriptions}
            for topic, subscriptions in seen.subscriptions.items()
        ],
        "registry_ages": seen.registry_ages,
        "outdated_alarm_copies": seen.copies
        if isinstance(seen.copies, UnknownValue)
        else [
            {"region": copy.region, "alarm_region": copy.alarm_region, "differences": copy.summary}
            for copy in seen.copies
            if copy.is_outdated
        ],
        "states": states
        if isinstance(states, UnknownValue)
        else StateReport(states, seen.taken).document(),
    }
    return json.loads(json.dumps(with_old_keys("status", document), default=_encoded))


def _route(route: Route) -> dict[str, Any]:
    return {
        "region": route.region,
        "possible": route.regions,
        "is_fallback": route.is_fallback,
        "unknown": [f"{what} {region}" for region, what in route.unknown],
        "explanation": [] if route.unknown else [*route.answers[0].lines()],
    }


def _region(region: RegionReport, seen: Observations) -> dict[str, Any]:
    settings = seen.settings
    return {
        "region": region.region,
        "role": settings.role(region.region),
        "regional_name": settings.regional_name(region.region),
        "checks": dict(region.checks),
        "endpoint": region.endpoint,
        "switch": region.switch,
        "switch_alarms": dict(region.alarms),
        "switch_registers": {
            alarm_region: str(register) if isinstance(register, UserError) else register
            for alarm_region, register in region.registers.items()
        },
        "audit": region.audit,
        "quotas": dict(region.quotas),
        "devices_a_minute": _devices(region.devices),
        "alarms": seen.firing.get(region.region, ()),
    }


def _devices(devices: Devices | UnknownValue) -> UnknownValue | dict[str, dict[str, float]]:
    if isinstance(devices, UnknownValue):
        return devices
    rates = {what: devices.rates(what) for what in EVENTS}
    return {what: {"usual": usual, "now": now} for what, (usual, now) in rates.items()}


def _encoded(value: object) -> object:
    if isinstance(value, UnknownValue):
        return {"unknown": value.reason}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    encoded = {each.name: getattr(value, each.name) for each in fields(cast("Any", value))}
    return encoded | ({"healthy": value.healthy} if isinstance(value, CheckReports) else {})
