"""The failover records of an entry point's plan: where each leads now, and then."""

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
    """Where a record leads, a region or else a name, and what it asks."""

    to: str
    asks: str


@dataclass(frozen=True, slots=True)
class RecordChange:
    """The change of one side of a name; `now` or `then` is None while the record is not there."""

    address: str
    name: str
    side: str
    now: Lead | None
    then: Lead | None


def changes_of_records(plan: Mapping[str, Any], settings: Settings) -> tuple[RecordChange, ...]:
    """Return the failover records of a plan in Terraform's JSON form, the unchanged included."""
    regions = {settings.regional_name(region): region for region in settings.regions}
    checks = _check_words(plan)
    found: list[RecordChange] = []
    for entry in plan.get("resource_changes", []):
        if entry["type"] != RECORD:
            continue
        now, then = (
            record_in(values) if values else None
            for values in (entry["change"]["before"], entry["change"]["after"])
        )
        record = then or now
        if record and record.is_failover:
            leads = (_lead(each, regions, checks) if each else None for each in (now, then))
            found.append(RecordChange(entry["address"], record.name, record.side, *leads))
    return tuple(found)


def _lead(record: Record, regions: Mapping[str, str], checks: Mapping[str, str]) -> Lead:
    if record.is_alias:
        return Lead(record.target, f"whether a record of {record.target} is healthy")
    # What is not known before the apply is absent.
    target = regions.get(record.target, record.target) or "?"
    return Lead(target, checks.get(record.check, record.check or "nothing"))


def _check_words(plan: Mapping[str, Any]) -> dict[str, str]:
    """Say in words what each health check is, by its id."""
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
