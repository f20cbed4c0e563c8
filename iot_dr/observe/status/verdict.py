"""The verdict on an environment."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, Self

from iot_dr.observe.status.cause import Cause
from iot_dr.observe.status.diagnosis import Diagnosis
from iot_dr.observe.status.endpoint import Handshake
from iot_dr.observe.status.report import Observations, RegionReport
from iot_dr.observe.status.switch_problems import one_alarm, register_problems
from iot_dr.observe.status.unknown import UnknownValue
from iot_dr.observe.switch.check_reports import CheckReports
from iot_dr.observe.switch.rotation import Rotation
from modules.served_certificate import DAYS_LEFT

_HARMLESS: Final = {Cause.NONE, Cause.UNKNOWN, Cause.CHECKERS}


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusVerdict:
    """`ok`, `degraded` for the `reasons`, or `unknown` if what decides could not be read."""

    word: Literal["ok", "degraded", "unknown"]
    reasons: tuple[str, ...]
    diagnosis: Diagnosis

    @classmethod
    def of(cls, report: Observations) -> Self:
        """Judge a report."""
        diagnosis = Diagnosis.of(report)
        if report.is_empty:
            return cls(word="unknown", reasons=tuple(_unseen(report)), diagnosis=diagnosis)
        reasons = (*_answering(report), *_regions(report))
        if reasons or diagnosis.finding.cause not in _HARMLESS:
            return cls(word="degraded", reasons=reasons, diagnosis=diagnosis)
        unread = diagnosis.unread
        reasons = (f"could not be read: {'; '.join(unread)}",) if unread else ()
        return cls(word="unknown" if unread else "ok", reasons=reasons, diagnosis=diagnosis)

    @property
    def cause(self) -> str:
        """The cause in a sentence, "" if there is none."""
        return self.diagnosis.finding.words or "; ".join(self.reasons)

    @property
    def words(self) -> str:
        """The verdict on one line."""
        return ": ".join(filter(None, (self.word, "; ".join(self.reasons))))


def _unseen(report: Observations) -> Iterator[str]:
    if not report.answers:
        yield "no query was answered"
    if isinstance(report.states, UnknownValue):
        yield f"AWS: {report.states.reason}"
    if report.answers:
        yield f"public DNS does not have {report.settings.device_name}"


def _answering(report: Observations) -> Iterator[str]:
    primary, route = report.settings.primary_region, report.route
    shown = {each.summary for each in report.answers}
    leads_to = route.region or report.answered_region
    if leads_to is None and not shown:
        yield "which region answers is unknown"
    if route.is_fallback:
        yield f"no region is healthy, so Route 53 answers {primary}"
    elif leads_to not in {None, primary}:
        yield f"{leads_to} answers, not the primary {primary}"
    if len(shown) > 1:
        yield f"name servers disagree: {', '.join(sorted(shown))}"
    elif shown and shown != {leads_to}:
        checks = f", the checks lead to {route.region}" if route.region else ""
        yield f"DNS answers {min(shown)}{checks}"


def _regions(report: Observations) -> Iterator[str]:
    for region in report.regions:
        yield from (f"{region.region}: {reason}" for reason in _region(region))
    for copy in report.known_copies:
        if copy.is_outdated:
            yield (
                f"{copy.region}: Route 53 follows an old copy of the switch's alarm in"
                f" {copy.alarm_region}: {copy.summary}"
            )


def _region(region: RegionReport) -> Iterator[str]:
    for what in ("deep", "tcp"):
        seen = region.checks.get(what)
        if isinstance(seen, CheckReports) and not seen.healthy:
            yield f"{what} fails"
    if isinstance(region.endpoint, Handshake):
        yield from _endpoint(region.endpoint)
    if region.healthy("switch") is False or region.switch == "ALARM":
        yield "switched away" if not region.has_different_alarms else one_alarm(region)
    yield from register_problems(region)
    if isinstance(region.rotation, Rotation):
        yield f"being rotated, {region.rotation.line()}"


def _endpoint(endpoint: Handshake) -> Iterator[str]:
    certificate = endpoint.certificate
    if endpoint.problem:
        yield f"TLS: {endpoint.problem}"
    elif certificate and certificate.days_left < DAYS_LEFT:
        yield f"certificate ends in {certificate.days_left:.0f} days"
