"""The failover records in an entry point's plan, before and after a change."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from environments.settings import Settings
from iot_dr.route53.record import Record
from iot_dr.route53.terraform_records import RECORD, record_in

_KINDS: Final = {
    "deep": "deep",
    "tcp": "TCP",
    "switch": "switch",
    "calculated_deep": "deep and switch",
    "calculated_tcp": "TCP and switch",
}


@dataclass(frozen=True, slots=True)
class Lead:
    """A record's target (a region, a name, or `?` if unknown), and what the record evaluates."""

    to: str
    evaluates: str


@dataclass(frozen=True, slots=True)
class RecordChange:
    """The change of a PRIMARY or SECONDARY record; `now` or `then` is None if it does not exist."""

    address: str
    name: str
    side: str
    now: Lead | None
    then: Lead | None


def changes_of_records(plan: Mapping[str, Any], settings: Settings) -> tuple[RecordChange, ...]:
    """Return the failover records of a plan in Terraform's JSON form, unchanged ones included."""
    regions = {settings.regional_name(region): region for region in settings.regions}
    checks = _check_words(plan)
    changes: list[RecordChange] = []
    for entry in plan.get("resource_changes", []):
        if entry["type"] != RECORD:
            continue
        now, then = (
            record_in(values) if values else None
            for values in (entry["change"]["before"], entry["change"]["after"])
        )
        record = then or now
        if record and record.is_failover:
            leads = (_lead(side, regions, checks) if side else None for side in (now, then))
            changes.append(RecordChange(entry["address"], record.name, record.side, *leads))
    return tuple(changes)


def _lead(record: Record, regions: Mapping[str, str], checks: Mapping[str, str]) -> Lead:
    if record.is_alias:
        return Lead(record.target, f"target health of {record.target}")
    # Terraform omits values that are unknown before the apply.
    target = regions.get(record.target, record.target) or "?"
    return Lead(target, checks.get(record.check, record.check or "nothing"))


def _check_words(plan: Mapping[str, Any]) -> dict[str, str]:
    """Return the kind and region of each health check as text, keyed by its id."""
    handed = plan.get("output_changes", {}).get("health_check_ids", {})
    return {
        check: f"{_KINDS[kind]} of {region}"
        for ids in (handed.get("before"), handed.get("after"))
        for region, kind, check in _flat(ids or {})
    }


def _flat(ids: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str, str]]:
    for region, checks in ids.items():
        for kind, check in checks.items():
            yield region, kind, check
