"""The report of `iot-dr status` and `deploy`: text, and facts for a watch."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from iot_dr.cli.state_report import StateReport
from iot_dr.cli.status_document import status_document
from iot_dr.cli.status_registry import registry_observations, registry_table
from iot_dr.cli.text import columns, table
from iot_dr.common.exit_status import ExitStatus
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.forecast.quotas import QUOTAS
from iot_dr.observe.aws.errors import LOG_IN, LOG_IN_COMMANDS
from iot_dr.observe.status.endpoint import Handshake
from iot_dr.observe.status.metrics import EVENTS
from iot_dr.observe.status.name_answers import NameAnswer, NameServerAnswer
from iot_dr.observe.status.report import Observations
from iot_dr.observe.status.unknown import UnknownValue
from iot_dr.observe.status.verdict import StatusVerdict
from iot_dr.observe.switch.audit import AuditEntry
from iot_dr.observe.switch.check_reports import CheckReports
from iot_dr.route53.check import AlarmState

_CELL_UNKNOWN: Final = "unknown"
_NONE: Final = "-"
_EXIT: Final = {
    "ok": ExitStatus.DONE,
    "unknown": ExitStatus.FAILED,
    "degraded": ExitStatus.NOT_GOOD,
}
_SWITCHES: Final[Mapping[AlarmState, str]] = {
    "ALARM": "away",
    "OK": "back",
    "INSUFFICIENT_DATA": "never set",
}


@dataclass(frozen=True)
class StatusReport:
    """An observation of an environment, and its verdict.

    `sandbox` is the folder in which the environment is applied on this machine, if it is.
    """

    seen: Observations
    sandbox: Path | None = None

    @cached_property
    def verdict(self) -> StatusVerdict:
        """The verdict."""
        return StatusVerdict.of(self.seen)

    @property
    def headline(self) -> str:
        """The environment and its verdict, on one line."""
        if self._is_in_sandbox:
            name = self.seen.settings.environment
            return f"{name}: unknown: it is applied in {self.sandbox}, on this machine alone"
        words = ": ".join(filter(None, (self.verdict.word, self.verdict.cause)))
        return f"{self.seen.settings.environment}: {words}"

    @property
    def exit_status(self) -> int:
        """0 when all is well, 3 when degraded, 1 when what decides could not be read."""
        return _EXIT[self.verdict.word]

    def text(self) -> str:
        """Return the cause, the next command, the evidence, and all that was observed."""
        seen = self.seen
        if seen.is_empty:
            return "\n\n".join((f"{self.headline}\n{self._remedy()}", _unknowns(seen)))
        parts = (
            "\n".join((self.headline, self.verdict.diagnosis.next_line, *self._evidence())),
            _why(seen),
            _regions(seen),
            _devices(seen),
            registry_table(seen),
            _names(seen.names),
            _quotas(seen),
            _subscriptions(seen),
            _states(seen),
            _unknowns(seen),
        )
        return "\n\n".join(part for part in parts if part)

    def facts(self) -> Mapping[str, str]:
        """Return the facts whose change is printed, keyed by subject."""
        return dict(_facts(self))

    def document(self) -> dict[str, Any]:
        """Return all of it as JSON values: durations in seconds, an unknown value as its reason."""
        return status_document(self.seen, self.verdict)

    def _evidence(self) -> Iterator[str]:
        diagnosis = self.verdict.diagnosis
        yield from (f"  also: {each.words}" for each in diagnosis.others)
        yield from (f"  {each}" for each in diagnosis.evidence)
        if diagnosis.unread and self.verdict.word != "unknown":
            yield f"  could not be read: {'; '.join(diagnosis.unread)}"
        for region in self.seen.regions:
            if isinstance(region.audit, AuditEntry):
                yield f"  {region.region} switch: {region.audit.line()}"

    @property
    def _is_in_sandbox(self) -> bool:
        return self.sandbox is not None and self.seen.is_empty

    def _remedy(self) -> str:
        name = self.seen.settings.environment
        if self._is_in_sandbox:
            return (
                f"Its states: iot-dr sandbox show --env {name}. A failover: iot-dr drill run --env"
                f" {name}."
            )
        commands = " && ".join(LOG_IN_COMMANDS)
        return (
            f"Remedy: if it is deployed, {LOG_IN}: {commands}."
            f" What AWS accepts: iot-dr doctor --env {name}."
        )


def _facts(report: StatusReport) -> Iterator[tuple[str, str]]:
    seen = report.seen
    yield "verdict", report.headline.partition(": ")[2]
    yield "next", report.verdict.diagnosis.next_line
    yield "checks lead to", " or ".join(seen.route.regions)
    for name in seen.names:
        summary = name.answer.summary if isinstance(name.answer, NameAnswer) else _CELL_UNKNOWN
        yield f"{name.kind} {name.server}", summary
    for region in seen.regions:
        for what, check in region.checks.items():
            yield f"{region.region} {what}", _health(check)
        yield f"{region.region} TLS", _served(region.endpoint)
        yield f"{region.region} switch", _switch(region.switch)


def _health(check: CheckReports | UnknownValue) -> str:
    """Return the state of a check in a word."""
    if isinstance(check, UnknownValue):
        return _CELL_UNKNOWN
    return "healthy" if check.healthy else "fails"


def _switch(state: AlarmState | UnknownValue) -> str:
    """Return the state of a switch in a word or two."""
    return _CELL_UNKNOWN if isinstance(state, UnknownValue) else _SWITCHES[state]


def _served(endpoint: Handshake | UnknownValue) -> str:
    return _CELL_UNKNOWN if isinstance(endpoint, UnknownValue) else endpoint.problem or "served"


def _why(seen: Observations) -> str:
    route = seen.route
    if not route.unknown:
        return "\n".join(route.answers[0].lines())
    unknown = ", ".join(f"{what} {region}" for region, what in route.unknown)
    return f"device name: leads to {' or '.join(route.regions)}; unknown checks: {unknown}"


def _regions(seen: Observations) -> str:
    rows = [("REGION", "ROLE", "DEEP", "TCP", "SWITCH", "TLS")]
    for region in seen.regions:
        deep, tcp = (_check(region.checks.get(what)) for what in ("deep", "tcp"))
        role = seen.settings.role(region.region)
        switch = _switch(region.switch)
        rows.append((region.region, role, deep, tcp, switch, _endpoint(region.endpoint)))
    return table(rows)


def _check(check: CheckReports | UnknownValue | None) -> str:
    if check is None:
        return _NONE
    return _CELL_UNKNOWN if isinstance(check, UnknownValue) else check.summary


def _endpoint(endpoint: Handshake | UnknownValue) -> str:
    if isinstance(endpoint, UnknownValue):
        return _CELL_UNKNOWN
    parts = [endpoint.problem, endpoint.protocol]
    if not any(parts):
        return "served"
    if endpoint.seconds is not None:
        parts.append(f"{endpoint.seconds * 1000:.0f} ms")
    if endpoint.certificate:
        left = endpoint.certificate.days_left
        parts += [endpoint.certificate.subject, f"{left:.0f} days left"]
    return ", ".join(filter(None, parts))


def _names(names: Iterable[NameServerAnswer]) -> str:
    rows = [("NAME SERVER", "KIND", "ANSWERS", "TTL LEFT")]
    for name in names:
        answer = name.answer
        summary = answer.summary if isinstance(answer, NameAnswer) else _CELL_UNKNOWN
        left = answer.ttl if isinstance(answer, NameAnswer) else None
        rows.append((name.server, name.kind, summary, _NONE if left is None else f"{left} s"))
    return columns(rows)


def _devices(seen: Observations) -> str:
    rows: list[tuple[str, ...]] = [("A MINUTE (USUALLY)", *(what.upper() for what in EVENTS))]
    for region in seen.regions:
        devices = region.devices
        if isinstance(devices, UnknownValue):
            rows.append((region.region, *(_CELL_UNKNOWN for _ in EVENTS)))
        else:
            rates = map(devices.rates, EVENTS)
            cells = (f"{now:.0f} ({usual:.0f})" for usual, now in rates)
            rows.append((region.region, *cells))
    return columns(rows)


def _quotas(seen: Observations) -> str:
    rows = [("QUOTA", *(region.region for region in seen.regions), "")]
    for name in QUOTAS:
        values = [region.quotas[name] for region in seen.regions]
        cells = [
            _CELL_UNKNOWN if isinstance(each, UnknownValue) else f"{each:.0f}" for each in values
        ]
        rows.append((name.replace("_", " "), *cells, _shortage(values)))
    return columns(rows)


def _shortage(values: list[float | UnknownValue]) -> str:
    primary, *standbys = values
    known = [each for each in standbys if not isinstance(each, UnknownValue)]
    if isinstance(primary, UnknownValue) or not any(each < primary for each in known):
        return ""
    return "lower in a standby than in the primary: raise it"


def _subscriptions(seen: Observations) -> str:
    rows = [("ALARM TOPIC", "REGION", "SUBSCRIBED", "PENDING", "")]
    for topic, subscriptions in seen.subscriptions.items():
        if isinstance(subscriptions, UnknownValue):
            rows.append((topic.name, topic.region, _CELL_UNKNOWN, _CELL_UNKNOWN, ""))
        else:
            note = "" if subscriptions.confirmed else "add a subscription"
            counts = str(subscriptions.confirmed), str(subscriptions.pending)
            rows.append((topic.name, topic.region, *counts, note))
    return columns(rows)


def _states(seen: Observations) -> str:
    if isinstance(seen.states, UnknownValue):
        return ""
    lines = StateReport(seen.states, seen.taken).text().splitlines()
    return "\n".join(plain(line) for line in lines)


def _unknowns(seen: Observations) -> str:
    """Return each reason once, with the unknown values below it."""
    by_reason: dict[str, dict[str, list[str]]] = {}
    for place, what, value in _observations(seen):
        if isinstance(value, UnknownValue):
            by_reason.setdefault(value.reason, {}).setdefault(place, []).append(what)
    return "\n".join(line for why, places in by_reason.items() for line in _reason(why, places))


def _reason(why: str, places: Mapping[str, Iterable[str]]) -> Iterator[str]:
    yield f"unknown: {why}"
    yield from (f"  {place}: {', '.join(what)}" for place, what in places.items())


def _observations(seen: Observations) -> Iterator[tuple[str, str, object]]:
    for name in seen.names:
        yield name.server, "answer", name.answer
    for region in seen.regions:
        for what, check in region.checks.items():
            # A switch's check follows from its alarm, so it may itself be unknown.
            if region.healthy(what) is None:
                yield region.region, f"check {what}", check
        yield region.region, "TLS", region.endpoint
        yield region.region, "switch", region.switch
        yield region.region, "devices", region.devices
        yield region.region, "audit of the switch", region.audit
        yield region.region, "rotation", region.rotation
        for name, quota in region.quotas.items():
            yield region.region, f"quota {name}", quota
    for topic, subscriptions in seen.subscriptions.items():
        yield topic.region, f"subscriptions of {topic.name}", subscriptions
    yield from registry_observations(seen)
    for place, alarms in seen.firing.items():
        yield place, "alarms", alarms
    yield "all regions", "states", seen.states
    yield "all regions", "Route 53's copies of alarms", seen.copies
    for copy in seen.known_copies:
        if isinstance(copy.differences, UserError):
            yield copy.alarm_region, f"copy of {copy.alarm}", UnknownValue.because(copy.differences)
