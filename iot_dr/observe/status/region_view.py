"""What the observations of one region mean together."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from iot_dr.observe.status.endpoint import Handshake
from iot_dr.observe.status.metrics import EVENTS, FEW, Devices
from iot_dr.observe.status.report import Observations, RegionReport
from iot_dr.observe.status.switch_problems import one_alarm, register_problems
from iot_dr.observe.status.unknown import UnknownValue
from iot_dr.observe.switch.check_reports import CheckReports
from iot_dr.observe.switch.rotation import Rotation
from modules.monitoring_names import canary_alarm_name
from stacks.stack_context import stack_context

_METRICS_CAME: Final = 3
"""Minutes that a check fails until the metrics of devices show the same time."""
_ANSWER_CAME: Final = 2
"""Minutes that a check fails until the answer surely follows: it does within 10 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionView:
    """A region of a report; a value that could not be read is None, and never good."""

    report: Observations
    seen: RegionReport

    @property
    def name(self) -> str:
        """The region."""
        return self.seen.region

    @property
    def endpoint(self) -> Handshake | None:
        """The result of the handshakes from this machine."""
        return None if isinstance(self.seen.endpoint, UnknownValue) else self.seen.endpoint

    @property
    def devices(self) -> Devices | None:
        """The events of devices."""
        return None if isinstance(self.seen.devices, UnknownValue) else self.seen.devices

    @property
    def deep(self) -> bool | None:
        """Whether the deep check passes; without Route 53, False if the canary's alarm is on."""
        healthy = self.seen.healthy("deep")
        firing = self.report.firing.get(self.name, ())
        alarm = canary_alarm_name(stack_context(self.report.settings, self.name), self.name)
        is_firing = not isinstance(firing, UnknownValue) and alarm in firing
        return False if healthy is None and is_firing else healthy

    @property
    def fails(self) -> bool | None:
        """Whether the deep or the TCP check fails; None if the decisive ones are unknown."""
        checks = {"tcp": self.seen.healthy("tcp"), "deep": self.deep}
        if self.report.settings.health.mode != "deep":
            del checks["deep"]
        if False in checks.values():
            return True
        return None if None in checks.values() else False

    @property
    def is_silent(self) -> bool:
        """Whether nothing answers devices from here."""
        return self.endpoint is not None and self.endpoint.is_silent

    @property
    def serves(self) -> bool:
        """Whether it is known to present a fit certificate, in the usual time."""
        return self.endpoint is not None and not (self.endpoint.problem or self.endpoint.is_slow)

    @property
    def is_down(self) -> bool:
        """Whether it answers neither here nor Route 53, as far as that can be read."""
        if self.is_silent:
            # A network may block the devices' port, so what devices send decides without checks.
            is_used = self.devices is not None and self.devices.are_sending
            left = self.devices is not None and self.devices.have_left
            return left or (not is_used if self.fails is None else self.fails)
        return self.seen.healthy("tcp") is False

    @property
    def is_away(self) -> bool | None:
        """Whether it is switched away."""
        return None if isinstance(self.seen.switch, UnknownValue) else self.seen.switch == "ALARM"

    @property
    def refuses(self) -> bool | None:
        """Whether it refuses many connects of devices now."""
        return None if self.devices is None else self.devices.share("refused") > FEW

    @property
    def is_ready(self) -> bool:
        """Whether it is known to serve devices if they are directed to it."""
        is_whole = self.fails is False and self.serves and self.seen.rotation is None
        fails = self.devices is None or self.devices.share("failed") > FEW
        return is_whole and self.refuses is False and not fails and not self.is_flapping

    @property
    def deep_fails_for_long(self) -> bool:
        """Whether metrics of devices show the time in which the deep check has failed."""
        history = self.seen.histories.get("deep")
        return history is not None and history.minutes_failing >= _METRICS_CAME

    @property
    def has_failed_for_minutes(self) -> bool:
        """Whether a check has failed for so long that the answer should have followed."""
        return any(each.minutes_failing >= _ANSWER_CAME for each in self.seen.histories.values())

    @property
    def losses(self) -> int:
        """How often links or the check were lost within 20 minutes, now included."""
        changes = max((each.changes for each in self.seen.histories.values()), default=0)
        returns = self.devices.returns if self.devices else 0
        # Its check failed a moment ago if the answer has left it, to which the checks lead.
        own, answer = self.report.route.region, self.report.answered_region
        has_left = own == self.name and answer not in {None, own}
        is_lost = self.is_silent or self.fails is True or has_left
        return max(returns + is_lost, (changes + 1) // 2)

    @property
    def is_flapping(self) -> bool:
        """Whether it was lost more than once within 20 minutes."""
        return self.losses > 1

    def evidence(self) -> Iterator[str]:
        """Yield what was observed, a phrase each."""
        for kind in ("deep", "tcp"):
            check = self.seen.checks.get(kind)
            if isinstance(check, CheckReports) and check.failure:
                count = check.checkers - check.succeeding
                by = f" in {', '.join(check.failing_in)}" if check.healthy else ""
                yield f"{kind}: {count} of {check.checkers} checkers{by}: {check.failure}"
        if self.endpoint and (self.endpoint.problem or self.endpoint.is_slow):
            slow = f"a handshake takes {self.endpoint.seconds or 0:.1f} s"
            yield f"TLS from here: {self.endpoint.problem or slow}"
        if self.endpoint and self.endpoint.dead:
            yield f"nothing answers at {', '.join(self.endpoint.dead)}"
        if self.devices:
            yield from self._of_devices(self.devices)
        firing = self.report.firing.get(self.name, ())
        if firing and not isinstance(firing, UnknownValue):
            yield f"alarms: {', '.join(firing)}"
        if self.seen.has_different_alarms:
            yield one_alarm(self.seen)
        yield from register_problems(self.seen)
        if isinstance(self.seen.rotation, Rotation):
            yield f"being rotated, {self.seen.rotation.line()}"

    def _of_devices(self, devices: Devices) -> Iterator[str]:
        changed = list[str]()
        for what in EVENTS:
            before, now = devices.rates(what)
            if now > 2 * before + 1 or now < before / 2 - 1:
                changed.append(f"{now:.0f} {what} (usually {before:.0f})")
        if changed:
            yield f"devices, a minute: {', '.join(changed)}"
