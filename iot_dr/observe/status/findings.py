"""Finds the causes that a report shows, and what it does not show."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from iot_dr.observe.status.cause import Cause, PossibleCause
from iot_dr.observe.status.metrics import FEW
from iot_dr.observe.status.region_view import RegionView
from iot_dr.observe.status.report import Observations
from iot_dr.observe.status.unknown import UnknownValue
from iot_dr.observe.switch.check_reports import CheckReports
from iot_dr.observe.switch.rotation import Rotation
from modules.global_region import GLOBAL_REGION
from modules.served_certificate import DAYS_LEFT


@dataclass(frozen=True, slots=True)
class CauseFinder:
    """Finds causes in a report, by the views of its regions."""

    report: Observations
    views: Sequence[RegionView]

    def causes(self) -> Iterator[PossibleCause]:
        """Yield what was found, in no order."""
        if all(each.is_down or each.fails for each in self.views):
            names = tuple(each.name for each in self.views)
            yield PossibleCause(
                cause=Cause.NO_HEALTHY_REGION, regions=names, words="no region is healthy"
            )
        for view in self.views:
            yield from self._of_region(view)
        yield from self._down()
        yield from self._of_names()
        yield from self._of_copies()
        if self._is_global_region_gone():
            yield PossibleCause(
                cause=Cause.GLOBAL_REGION_DOWN,
                regions=(GLOBAL_REGION,),
                words=f"{GLOBAL_REGION} does not answer, so the checks cannot be read; failover"
                " works without it",
            )

    def _down(self) -> Iterator[PossibleCause]:
        down = tuple(each for each in self.views if each.is_down)
        if not down:
            return
        names = tuple(each.name for each in down)
        alarm_regions = self.report.settings.alarm_regions
        kept = [
            view.name
            for view in self.views
            if view.is_away and not view.is_down and {*alarm_regions(view.name)} & {*names}
        ]
        gone = " and ".join(names)
        verb = "is" if len(names) == 1 else "are"
        if kept:
            yield PossibleCause(
                cause=Cause.LOST_ALARM_REGION,
                regions=tuple(name for name in names if name in alarm_regions(kept[0])),
                words=f"{gone} {verb} down, with an alarm of the switch of {kept[0]}, which is"
                " switched away",
            )
        failing = {view.name for view in down if view.has_failed_for_minutes}
        leads_to = self.report.route.region
        if self.report.serving in failing and leads_to not in {None, *names}:
            yield PossibleCause(
                cause=Cause.STALE_DNS,
                regions=names,
                words=f"name servers still answer {self.report.serving}, which is down, although"
                f" the checks lead to {leads_to}",
            )
        yield PossibleCause(cause=Cause.REGION_DOWN, regions=names, words=f"{gone} {verb} down")

    def _of_region(self, view: RegionView) -> Iterator[PossibleCause]:
        yield from self._of_endpoint(view)
        yield from self._of_devices(view)
        yield from self._of_checks(view)
        name, seen = view.name, view.seen
        if view.is_flapping:
            times = f"{view.losses} times in 20 minutes"
            yield _finding(view, Cause.FLAPPING, f"{name} is flapping: lost {times}")
        if view.is_away:
            yield _finding(view, Cause.SWITCHED_AWAY, f"{name} is switched away")
        if isinstance(seen.rotation, Rotation):
            yield _finding(view, Cause.ROTATION, f"{name} is being rotated")

    def _of_endpoint(self, view: RegionView) -> Iterator[PossibleCause]:
        name, endpoint = view.name, view.endpoint
        if endpoint is None:
            return
        if endpoint.is_unfit:
            words = f"{name} presents a certificate that devices refuse: {endpoint.problem}"
            yield _finding(view, Cause.CERTIFICATE, words)
        elif endpoint.is_silent and not view.is_down:
            others = "devices there send" if view.fails is None else "Route 53's checkers reach it"
            words = f"{name} does not answer from here; {others}"
            yield _finding(view, Cause.UNREACHABLE_FROM_HERE, words)
        elif endpoint.is_slow:
            words = f"{name} is slow: a TLS handshake takes {endpoint.seconds or 0:.1f} s"
            yield _finding(view, Cause.SLOW_REGION, words)
        if endpoint.dead:
            words = (
                f"{len(endpoint.dead)} of {endpoint.addresses} addresses of {name} do not answer"
            )
            yield _finding(view, Cause.ONE_ADDRESS, words)
        certificate = endpoint.certificate
        if certificate and not endpoint.problem and certificate.days_left < DAYS_LEFT:
            words = f"the certificate of {name} ends in {certificate.days_left:.0f} days"
            yield _finding(view, Cause.EXPIRING, words)

    def _of_devices(self, view: RegionView) -> Iterator[PossibleCause]:
        devices = view.devices
        if devices is None or view.is_silent:
            return
        if view.refuses and view.deep is not False:
            part = "all" if devices.all_are_refused else "a part of the"
            words = f"{view.name} refuses {part} devices, though its checks pass"
            yield _finding(view, Cause.DEVICES_REFUSED, words)
        if (share := devices.share("failed")) > FEW:
            words = f"{share:.0%} of connects fail in {view.name}"
            yield _finding(view, Cause.CONNECT_ERRORS, words)

    def _of_checks(self, view: RegionView) -> Iterator[PossibleCause]:
        name, devices = view.name, view.devices
        is_deep_alone = view.deep is False and view.seen.healthy("tcp") is not False
        if is_deep_alone and view.serves:
            if devices is not None and devices.were_refused:
                words = f"{name} refuses every client, devices and canary: authorization is broken"
                yield _finding(view, Cause.AUTHORIZATION, words)
            elif devices is not None and view.deep_fails_for_long:
                words = f"the canary of {name} fails, though devices are not refused"
                yield _finding(view, Cause.CANARY, words)
            else:
                words = (
                    f"the deep check of {name} fails: its canary, or authorization, which the"
                    " metrics of devices show some minutes later"
                )
                yield _finding(view, Cause.DEEP_CHECK, words)
        for kind in ("deep", "tcp"):
            check = view.seen.checks.get(kind)
            if isinstance(check, CheckReports) and check.healthy and len(check.failing_in) == 1:
                count = check.checkers - check.succeeding
                where = check.failing_in[0]
                words = f"{count} checkers in {where} fail for {kind} {name}; the others pass"
                yield _finding(view, Cause.CHECKERS, words)

    def _of_names(self) -> Iterator[PossibleCause]:
        shown = {each.summary for each in self.report.answers}
        if len(shown) > 1:
            words = f"name servers disagree: {', '.join(sorted(shown))}"
            yield PossibleCause(cause=Cause.DNS, words=words)
        elif shown and self.report.route.region not in {None, *shown}:
            leads_to = self.report.route.region
            words = f"DNS answers {min(shown)}, the checks lead to {leads_to}"
            yield PossibleCause(cause=Cause.DNS, words=words)

    def _of_copies(self) -> Iterator[PossibleCause]:
        copies = self.report.copies
        for copy in () if isinstance(copies, UnknownValue) else copies:
            if copy.is_outdated:
                words = f"Route 53 follows an old copy of the alarm of the switch of {copy.region}"
                yield PossibleCause(cause=Cause.ALARM_COPY, regions=(copy.region,), words=words)

    def _is_global_region_gone(self) -> bool:
        """Whether us-east-1 answers nothing, while another region's API answers."""
        firing = self.report.firing
        answering = {at for at, alarms in firing.items() if not isinstance(alarms, UnknownValue)}
        checks = [check for view in self.views for check in view.seen.checks.values()]
        return (
            bool(answering)
            and GLOBAL_REGION not in answering
            and GLOBAL_REGION in firing
            and all(isinstance(check, UnknownValue) for check in checks)
        )

    def unread(self) -> Iterator[str]:
        """Yield the parts of the environment that decide and could not be read."""
        if self.report.answered_region is None and not self.report.answers:
            yield "the answer of name servers"
        kinds = ("deep", "tcp") if self.report.settings.health.mode == "deep" else ("tcp",)
        for view in self.views:
            parts = [f"check {kind}" for kind in kinds if view.seen.healthy(kind) is None]
            parts += ["TLS"] if view.endpoint is None else []
            parts += ["switch"] if view.is_away is None else []
            parts += ["devices"] if view.devices is None else []
            parts += ["rotation"] if isinstance(view.seen.rotation, UnknownValue) else []
            if parts:
                yield f"{view.name}: {', '.join(parts)}"


def _finding(view: RegionView, cause: Cause, words: str) -> PossibleCause:
    return PossibleCause(cause=cause, regions=(view.name,), words=words)
