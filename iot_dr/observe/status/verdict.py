"""The verdict on an environment."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, Self

from environments.rules import FEWEST_REGIONS
from iot_dr.generate.expectation import failover_config
from iot_dr.observe.status.cause import Cause, PossibleCause
from iot_dr.observe.status.endpoint import Handshake
from iot_dr.observe.status.findings import CauseFinder
from iot_dr.observe.status.region_view import RegionView
from iot_dr.observe.status.report import Observations, RegionReport
from iot_dr.observe.status.switch_problems import one_alarm, register_problems
from iot_dr.observe.status.unknown import UnknownValue
from iot_dr.observe.switch.check_reports import CheckReports
from iot_dr.observe.switch.rotation import Rotation
from iot_dr.route53.failover_config import CheckKey, answers
from modules.served_certificate import DAYS_LEFT

_HARMLESS: Final = {Cause.NONE, Cause.UNKNOWN, Cause.CHECKERS}

_LEAVE: Final = {
    *(Cause.FLAPPING, Cause.CERTIFICATE, Cause.SLOW_REGION, Cause.AUTHORIZATION),
    *(Cause.DEVICES_REFUSED, Cause.CONNECT_ERRORS, Cause.REGION_DOWN),
}
"""Causes for which devices should leave the region that answers."""
_ADVICE: Final = {
    Cause.NO_HEALTHY_REGION: "devices reconnect once a region is back",
    Cause.UNREACHABLE_FROM_HERE: "the checkers decide, and soon notice if it is down",
    Cause.CANARY: "devices keep their connections",
    Cause.DEEP_CHECK: "look again in some minutes",
    Cause.ONE_ADDRESS: "devices reach the other addresses",
    Cause.CHECKERS: "the other checkers decide",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """The cause, what else was seen, and what to do.

    `command` is the next command, or None if there is nothing to do; then `advice` says why.
    `unread` are the parts that could not be read, of which nothing is assumed.
    """

    finding: PossibleCause
    others: tuple[PossibleCause, ...]
    command: str | None
    advice: str
    evidence: tuple[str, ...]
    unread: tuple[str, ...]

    @classmethod
    def of(cls, report: Observations) -> "Diagnosis":
        """Diagnose a report."""
        return _Diagnosing(report).diagnosis()

    @property
    def next_line(self) -> str:
        """The next command, or why there is none, with the runbook's page."""
        page = "" if self.finding.cause is Cause.NONE else f" ({self.finding.cause.page})"
        begin = f"Next: {self.command}" if self.command else f"Nothing to do: {self.advice}"
        return f"{begin}{page}"


class _Diagnosing:
    def __init__(self, report: Observations) -> None:
        self._report = report
        self._settings = report.settings
        self._views = tuple(RegionView(report=report, seen=each) for each in report.regions)
        self._serving = report.serving
        self._watch = f"watch: iot-dr status --env {report.settings.environment} --watch"

    def diagnosis(self) -> Diagnosis:
        sources = CauseFinder(self._report, self._views)
        unread = tuple(sources.unread())
        findings = sorted(sources.causes(), key=self._rank)
        first = (
            findings[0]
            if findings
            else PossibleCause(cause=Cause.UNKNOWN if unread else Cause.NONE)
        )
        # The first finding may be about a region that devices do not use.
        commands = filter(None, map(self._command, findings))
        facts = (f"{each.name}: {fact}" for each in self._views for fact in each.evidence())
        command = next(commands, None) or self._back()
        return Diagnosis(
            finding=first,
            others=tuple(findings[1:]),
            command=command,
            advice="" if command else self._advice(first),
            evidence=tuple(facts),
            unread=unread,
        )

    def _rank(self, finding: PossibleCause) -> tuple[bool, int]:
        """Return a key that puts first what hurts the devices of the region that answers."""
        hurts = finding.cause in _LEAVE | {Cause.NO_HEALTHY_REGION, Cause.STALE_DNS}
        is_here = hurts and self._serving in finding.regions
        return not is_here, [*Cause].index(finding.cause)

    def _command(self, finding: PossibleCause) -> str | None:
        """Return the command that moves devices out of the region that answers, if that helps."""
        region = self._serving
        if region not in finding.regions or finding.cause not in _LEAVE or self._will_move:
            return None
        target = self._after_switch(region)
        if target is None or not self._view(target).is_ready:
            return None
        command = f"iot-dr switch away {region} --env {self._settings.environment}"
        return f'{command} --reason "{finding.cause.value}"'

    def _back(self) -> str | None:
        """Return the command that uses a region again while the answering one is down."""
        if self._serving is None or not self._view(self._serving).is_down:
            return None
        ready = [each.name for each in self._views if each.is_away and each.is_ready]
        if not ready:
            return None
        command = f"iot-dr switch back {ready[0]} --env {self._settings.environment}"
        return f'{command} --reason "{self._serving} is down"'

    @property
    def _will_move(self) -> bool:
        """Whether the checks already lead to another region, which answers."""
        leads_to = self._report.route.region
        return leads_to not in {None, self._serving} and not self._view(leads_to).is_silent

    def _after_switch(self, region: str) -> str | None:
        """Return the region that answers once another is switched away, None if unknown."""
        config = failover_config(self._settings)
        states: dict[CheckKey, bool | None] = {}
        for name, kind in config.check_keys:
            view = self._view(name)
            away = view.is_away
            is_on = None if away is None else not away
            states[name, kind] = is_on if kind == "switch" else view.seen.healthy(kind)
        if (region, "switch") not in states:
            return None
        states[region, "switch"] = False
        regions = {each.leads_to for each in answers(config, states)}
        return regions.pop() if len(regions) == 1 and regions != {region} else None

    def _advice(self, finding: PossibleCause) -> str:
        served = f"new connections go to {self._serving}" if self._serving else self._watch
        if finding.cause is Cause.UNKNOWN:
            return "nothing is known to be wrong, but parts could not be read"
        if self._serving in finding.regions and finding.cause in _LEAVE:
            leads_to = self._report.route.region
            if self._will_move:
                return f"Route 53 directs new connections to {leads_to} within minutes"
            return f"no other region is known to be ready; {self._watch}"
        return "; ".join(filter(None, (_ADVICE.get(finding.cause), self._later(finding), served)))

    def _later(self, finding: PossibleCause) -> str:
        """Return the command for a time that a person chooses."""
        region, environment = "".join(finding.regions[:1]), self._settings.environment
        has_other_alarm = len(self._settings.regions) > FEWEST_REGIONS
        without = f" --without {region}" if has_other_alarm else ""
        back = f"iot-dr switch back {region} --env {environment} --reason TEXT"
        return {
            Cause.SWITCHED_AWAY: f"when its reason is gone: {back}",
            Cause.LOST_ALARM_REGION: "the region stays switched away; before it can serve again:"
            f" iot-dr switch back REGION --env {environment}{without} --reason TEXT",
            Cause.EXPIRING: f"before that day: iot-dr rotate --region {region} --env {environment}",
        }.get(finding.cause, "")

    def _view(self, region: str | None) -> RegionView:
        return next(each for each in self._views if each.name == region)


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
