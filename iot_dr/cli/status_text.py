"""The report of `iot-dr status` as text."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from iot_dr.cli.columns import columns
from iot_dr.cli.state_report import StateReport
from iot_dr.cli.status_report import StatusReport, switch
from iot_dr.common.plain_text import plain
from iot_dr.observe.status.endpoint import Endpoint
from iot_dr.observe.status.name_sight import NameAnswer, NameSight
from iot_dr.observe.status.quota import QUOTAS
from iot_dr.observe.status.report import RegionReport, Report
from iot_dr.observe.status.unknown import Unknown
from iot_dr.observe.switch.audit import Entry
from iot_dr.observe.switch.check_sight import CheckSight

_UNKNOWN: Final = "unknown"
_NONE: Final = "-"


def text(report: StatusReport) -> str:
    """Give the verdict, then why, and what was seen; below it what could not be, with reasons."""
    seen = report.seen
    parts = (
        f"{report.headline}\n{_notes(seen)}".rstrip(),
        _why(seen),
        _regions(seen),
        _names(seen.names),
        _quotas(seen),
        _subscriptions(seen),
        _states(seen),
        _unknowns(seen),
    )
    return "\n\n".join(part for part in parts if part)


def _notes(seen: Report) -> str:
    return "\n".join(line for region in seen.regions for line in _noted(region))


def _noted(region: RegionReport) -> Iterator[str]:
    for what, check in region.checks.items():
        if isinstance(check, CheckSight) and check.failure and what != "switch":
            yield f"  {region.region} {what}: {check.failure}"
    if isinstance(region.audit, Entry):
        yield f"  {region.region} switch: {region.audit.line()}"


def _why(seen: Report) -> str:
    route = seen.route
    if not route.unknown:
        return "\n".join(route.answers[0].lines())
    asked = ", ".join(f"{what} {region}" for region, what in route.unknown)
    return f"device name: leads to {' or '.join(route.regions)}, for these are unknown: {asked}"


def _regions(seen: Report) -> str:
    rows = [("REGION", "ROLE", "DEEP", "TCP", "SWITCH", "TLS")]
    for region in seen.regions:
        deep, tcp = (_check(region.checks.get(what)) for what in ("deep", "tcp"))
        role = seen.settings.role(region.region)
        put = switch(region.switch)
        rows.append((region.region, role, deep, tcp, put, _endpoint(region.endpoint)))
    return columns(rows)


def _check(check: CheckSight | Unknown | None) -> str:
    if check is None:
        return _NONE
    return _UNKNOWN if isinstance(check, Unknown) else check.words


def _endpoint(endpoint: Endpoint | Unknown) -> str:
    if isinstance(endpoint, Unknown):
        return _UNKNOWN
    told = [endpoint.problem, endpoint.protocol]
    if not any(told):
        return "served"
    if endpoint.seconds is not None:
        told.append(f"{endpoint.seconds * 1000:.0f} ms")
    if endpoint.certificate:
        left = endpoint.certificate.days_left
        told += [endpoint.certificate.subject, f"{left:.0f} days left"]
    return ", ".join(filter(None, told))


def _names(names: Iterable[NameSight]) -> str:
    rows = [("NAME SERVER", "KIND", "ANSWERS", "TTL LEFT")]
    for name in names:
        answer = name.answer
        told = answer.words if isinstance(answer, NameAnswer) else _UNKNOWN
        left = answer.ttl if isinstance(answer, NameAnswer) else None
        rows.append((name.server, name.kind, told, _NONE if left is None else f"{left} s"))
    return columns(rows)


def _quotas(seen: Report) -> str:
    rows = [("QUOTA", *(region.region for region in seen.regions), "")]
    for name in QUOTAS:
        values = [region.quotas[name] for region in seen.regions]
        told = [_UNKNOWN if isinstance(each, Unknown) else f"{each:.0f}" for each in values]
        rows.append((name.replace("_", " "), *told, _shortage(values)))
    return columns(rows)


def _shortage(values: list[float | Unknown]) -> str:
    primary, *standbys = values
    known = [each for each in standbys if not isinstance(each, Unknown)]
    if isinstance(primary, Unknown) or not any(each < primary for each in known):
        return ""
    return "a standby takes less than the primary: raise its quota"


def _subscriptions(seen: Report) -> str:
    rows = [("ALARM TOPIC", "REGION", "SUBSCRIBED", "PENDING", "")]
    for topic, found in seen.subscriptions.items():
        if isinstance(found, Unknown):
            rows.append((topic.name, topic.region, _UNKNOWN, _UNKNOWN, ""))
        else:
            note = "" if found.confirmed else "nobody is notified: subscribe somebody"
            counts = str(found.confirmed), str(found.pending)
            rows.append((topic.name, topic.region, *counts, note))
    return columns(rows)


def _states(seen: Report) -> str:
    if isinstance(seen.states, Unknown):
        return ""
    lines = StateReport(seen.states, seen.taken).text().splitlines()
    return "\n".join(plain(line) for line in lines)


def _unknowns(seen: Report) -> str:
    """Give each reason once, and below it what is unknown for it."""
    by_reason: dict[str, dict[str, list[str]]] = {}
    for place, what, sight in _sights(seen):
        if isinstance(sight, Unknown):
            by_reason.setdefault(sight.reason, {}).setdefault(place, []).append(what)
    return "\n".join(line for why, places in by_reason.items() for line in _reason(why, places))


def _reason(why: str, places: Mapping[str, Iterable[str]]) -> Iterator[str]:
    yield f"unknown: {why}"
    yield from (f"  {place}: {', '.join(what)}" for place, what in places.items())


def _sights(seen: Report) -> Iterator[tuple[str, str, object]]:
    for name in seen.names:
        yield name.server, "answer", name.answer
    for region in seen.regions:
        for what, check in region.checks.items():
            # A switch's alarm speaks for its check.
            if region.healthy(what) is None:
                yield region.region, f"check {what}", check
        yield region.region, "TLS", region.endpoint
        yield region.region, "switch", region.switch
        yield region.region, "audit of the switch", region.audit
        for name, quota in region.quotas.items():
            yield region.region, f"quota {name}", quota
    for topic, found in seen.subscriptions.items():
        yield topic.region, f"subscriptions of {topic.name}", found
    yield "all regions", "states", seen.states
