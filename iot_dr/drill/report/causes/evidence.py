"""Evidence for diagnoses, and the diagnosis itself."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

from environments.settings import Settings
from iot_dr.drill.outages.expectation import Effect
from iot_dr.drill.recording import Recording
from iot_dr.drill.report.answer_cause import states
from iot_dr.drill.report.figures import Figures
from iot_dr.drill.report.outage_result import Rehearsed
from iot_dr.drill.rig.world.world import RegionSite
from iot_dr.route53.check import HealthCheck
from iot_dr.route53.record import Record

Cause = Literal["rate", "authorization", "certificate", "time-out", "nobody", "other"]

# The reasons are those of MQTT 5 (2.4; 0x9f is `connection rate exceeded`), OpenSSL and the system.
_CAUSES: Final[tuple[tuple[Cause, re.Pattern[str]], ...]] = (
    ("rate", re.compile(r"\brate\b|quota|busy|throttl|0x9f", re.IGNORECASE)),
    (
        "authorization",
        re.compile(
            r"authori[sz]|identifier|bad user|unknown (?:device|client)|banned", re.IGNORECASE
        ),
    ),
    ("certificate", re.compile(r"certificate|tls|ssl|handshake|verif", re.IGNORECASE)),
    ("time-out", re.compile(r"time[d]?[ -]?out|no answer", re.IGNORECASE)),
    ("nobody", re.compile(r"refused|reset|closed|lost|unreachable|unavailable", re.IGNORECASE)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedTargetCause:
    """A cause: the problem with its figures, and the setting or Terraform address to change.

    `id` is stable; `problem` and `change` are sentences.
    """

    id: str
    problem: str
    change: str


@dataclass(frozen=True)
class Evidence:
    """The result of an outage, its figures, and the environment's settings."""

    result: Rehearsed
    measured: Figures
    settings: Settings

    @property
    def recording(self) -> Recording:
        """The recording of the rehearsal."""
        return self.result.recording

    @property
    def rto(self) -> int:
        """Seconds within which 99 % of the devices must be back."""
        return self.settings.recovery.rto

    @property
    def is_to_move(self) -> bool:
        """Whether the answer should move."""
        return self.result.expectation.effect in {Effect.MOVES, Effect.UNHURT}

    @property
    def is_stuck(self) -> bool:
        """Whether the answer should have moved from the primary, but did not during the outage."""
        failover, restored = self.measured.failover, self.recording.restored
        has_moved = failover is not None and (restored is None or failover.at < restored)
        return self.is_to_move and not self.measured.was_elsewhere and not has_moved

    @property
    def is_late(self) -> bool:
        """Whether devices were not back during the outage, or later than the target."""
        verdict, is_moved = self.measured.verdict(self.rto), self.measured.is_moved
        return bool(self.measured.lost) and (not verdict or verdict.is_missed or not is_moved)

    @property
    def is_in_vain(self) -> bool:
        """Whether devices were not back although all must have had the standby's answer."""
        failover, recording = self.measured.failover, self.recording
        if not failover or self.measured.is_moved:
            return False
        return failover.at + recording.ttl + recording.habits.ceiling < self.over

    @property
    def record(self) -> Record | None:
        """The PRIMARY or only record of the device name; None without one."""
        world = self.result.world
        records = [each for each in world.records if each.name == world.device_name]
        return next((each for each in records if each.side != "SECONDARY"), None)

    @property
    def standby_record(self) -> Record | None:
        """The SECONDARY record of the device name; None without one."""
        world = self.result.world
        records = (each for each in world.records if each.name == world.device_name)
        return next((each for each in records if each.side == "SECONDARY"), None)

    @property
    def check(self) -> HealthCheck | None:
        """The health check of the PRIMARY record; None without one."""
        record = self.record
        return self.result.world.checks.get(record.check) if record and record.check else None

    @property
    def leaves(self) -> tuple[HealthCheck, ...]:
        """The checks that the PRIMARY record depends on, except calculated ones."""
        return tuple(self._below(self.check)) if self.check else ()

    @property
    def standby(self) -> RegionSite | None:
        """The region that the answer moved to first, or the next one in failover order.

        None if the environment has no other region.
        """
        world, failover = self.result.world, self.measured.failover
        sites = [each for each in world.sites if each.region != self.recording.region]
        led = [each for each in sites if failover and each.region == failover.name]
        return next(iter((*led, *sites)), None)

    @property
    def over(self) -> float:
        """Seconds until the outage was undone, or the rehearsal ended."""
        restored = self.recording.restored
        return self.recording.ended if restored is None else restored

    @cached_property
    def check_changes(self) -> tuple[float, ...]:
        """Times during the outage: 0, and each change of a check's status."""
        return (0.0, *(at for at, _, _ in self.recording.health if 0 < at <= self.over))

    def is_well(self, record: Record, at: float) -> bool:
        """Whether a record counted as healthy at a time."""
        return bool(self.result.world.evaluation.record_status(record, self._states(at)).healthy)

    def is_healthy(self, check: HealthCheck, at: float) -> bool:
        """Whether a check counted as healthy at a time."""
        return bool(self.result.world.evaluation.status(check.id, self._states(at)).healthy)

    def _states(self, at: float) -> dict[str, bool]:
        return states(self.recording, self.result.world, at)

    def _below(self, check: HealthCheck) -> Iterator[HealthCheck]:
        if not check.children:
            yield check
        for child in check.children:
            yield from self._below(self.result.world.checks[child])


def cause(reason: str) -> Cause:
    """Return the kind of a refusal's reason."""
    for name, words in _CAUSES:
        if words.search(reason):
            return name
    return "other"


def count(refusals: Mapping[str, int], kind: Cause) -> int:
    """Return how many connects failed for a kind of reason."""
    return sum(number for reason, number in refusals.items() if cause(reason) == kind)
