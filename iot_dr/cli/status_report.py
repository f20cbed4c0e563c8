"""What `iot-dr status` tells of a look, for machines and for those who watch."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cached_property
from typing import Any, Final, cast

from pydantic import BaseModel

from iot_dr.cli.state_report import StateReport
from iot_dr.observe.status.endpoint import Endpoint
from iot_dr.observe.status.name_sight import NameAnswer
from iot_dr.observe.status.report import RegionReport, Report
from iot_dr.observe.status.route import Route
from iot_dr.observe.status.unknown import Unknown
from iot_dr.observe.status.verdict import Verdict
from iot_dr.observe.switch.check_sight import CheckSight
from iot_dr.route53.check import AlarmState

_EXIT: Final = {"ok": 0, "unknown": 1, "degraded": 3}
_SWITCHES: Final[Mapping[AlarmState, str]] = {
    "ALARM": "away",
    "OK": "back",
    "INSUFFICIENT_DATA": "never put",
}


@dataclass(frozen=True)
class StatusReport:
    """A look at an environment, and what it amounts to."""

    seen: Report

    @cached_property
    def verdict(self) -> Verdict:
        """The verdict."""
        return Verdict.of(self.seen)

    @property
    def headline(self) -> str:
        """The environment and its verdict, on one line."""
        return f"{self.seen.settings.environment}: {self.verdict.words}"

    @property
    def exit_status(self) -> int:
        """0 when all is well, 3 when degraded, 1 when nothing was seen."""
        return _EXIT[self.verdict.word]

    def facts(self) -> Mapping[str, str]:
        """Give what a change of which is worth a line, by what it is about."""
        return dict(_facts(self))

    def json(self, indent: int | None = 2) -> str:
        """Give all of it for machines; times in seconds, `unknown` with the reason."""
        return json.dumps(self._document(), default=_encoded, indent=indent)

    def _document(self) -> dict[str, Any]:
        seen = self.seen
        states = seen.states
        return {
            "environment": seen.settings.environment,
            "taken": seen.taken,
            "verdict": self.verdict.word,
            "reasons": self.verdict.reasons,
            "device_name": seen.settings.device_name,
            "primary_region": seen.settings.primary_region,
            "by_checks": _route(seen.route),
            "by_dns": seen.names,
            "regions": [_region(each, seen) for each in seen.regions],
            "alarm_topics": [
                {"topic": topic.name, "region": topic.region, "subscriptions": found}
                for topic, found in seen.subscriptions.items()
            ],
            "states": states
            if isinstance(states, Unknown)
            else json.loads(StateReport(states, seen.taken).json()),
        }


def _route(route: Route) -> dict[str, Any]:
    return {
        "region": route.region,
        "possible": route.regions,
        "is_fallback": route.is_fallback,
        "unknown": [f"{what} {region}" for region, what in route.unknown],
        "why": [] if route.unknown else [*route.answers[0].lines()],
    }


def _region(region: RegionReport, seen: Report) -> dict[str, Any]:
    settings = seen.settings
    return {
        "region": region.region,
        "role": settings.role(region.region),
        "regional_name": settings.regional_name(region.region),
        "checks": dict(region.checks),
        "endpoint": region.endpoint,
        "switch": region.switch,
        "audit": region.audit,
        "quotas": dict(region.quotas),
    }


def _encoded(value: object) -> object:
    if isinstance(value, Unknown):
        return {"unknown": value.reason}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    told = {each.name: getattr(value, each.name) for each in fields(cast("Any", value))}
    return told | ({"healthy": value.healthy} if isinstance(value, CheckSight) else {})


def _facts(report: StatusReport) -> Iterator[tuple[str, str]]:
    seen = report.seen
    yield "verdict", report.verdict.words
    yield "checks lead to", " or ".join(seen.route.regions)
    for name in seen.names:
        told = name.answer.words if isinstance(name.answer, NameAnswer) else "unknown"
        yield f"{name.kind} {name.server}", told
    for region in seen.regions:
        for what, check in region.checks.items():
            yield f"{region.region} {what}", health(check)
        yield f"{region.region} TLS", _served(region.endpoint)
        yield f"{region.region} switch", switch(region.switch)


def health(check: CheckSight | Unknown) -> str:
    """Tell whether a check is healthy."""
    if isinstance(check, Unknown):
        return "unknown"
    return "healthy" if check.healthy else "fails"


def switch(state: AlarmState | Unknown) -> str:
    """Tell how a switch stands."""
    return "unknown" if isinstance(state, Unknown) else _SWITCHES[state]


def _served(endpoint: Endpoint | Unknown) -> str:
    return "unknown" if isinstance(endpoint, Unknown) else endpoint.problem or "served"
