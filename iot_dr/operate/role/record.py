"""The failover records of an entry point's plan: where each leads now, and then."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from environments.settings import Settings

RECORD: Final = "aws_route53_record"

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One side, PRIMARY or SECONDARY, of a name; `now` or `then` is None while it is not there."""

    address: str
    name: str
    side: str
    now: Lead | None
    then: Lead | None


def records_in(plan: Mapping[str, Any], settings: Settings) -> tuple[Record, ...]:
    """Read the failover records out of Terraform's JSON form of a plan, the unchanged included."""
    regions = {settings.regional_name(region): region for region in settings.regions}
    checks = _check_words(plan)
    return tuple(
        _record(entry["address"], entry["change"], regions, checks)
        for entry in plan.get("resource_changes", [])
        if entry["type"] == RECORD and _policy(entry["change"])
    )


def _record(
    address: str, change: Mapping[str, Any], regions: Mapping[str, str], checks: Mapping[str, str]
) -> Record:
    now, then = change["before"], change["after"]
    return Record(
        address=address,
        name=_name((then or now)["name"]),
        side=_policy(change)[0]["type"],
        now=_lead(now, regions, checks) if now else None,
        then=_lead(then, regions, checks) if then else None,
    )


def _policy(change: Mapping[str, Any]) -> list[dict[str, str]]:
    return (change["after"] or change["before"]).get("failover_routing_policy") or []


def _lead(values: Mapping[str, Any], regions: Mapping[str, str], checks: Mapping[str, str]) -> Lead:
    if alias := values.get("alias"):
        name = _name(alias[0]["name"])
        return Lead(name, f"whether a record of {name} is healthy")
    # What is not known before the apply is absent here.
    (target,) = values.get("records") or ["?"]
    check = values.get("health_check_id") or ""
    return Lead(regions.get(_name(target), target), checks.get(check, check or "nothing"))


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


def _name(text: str) -> str:
    return text.rstrip(".").lower()
