"""What a diagnosis is made from, and what it says."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

from environments.settings import Settings
from iot_dr.drill.outages.expectation import Effect
from iot_dr.drill.recording import Recording
from iot_dr.drill.report.figures import Figures
from iot_dr.drill.report.outage_result import Rehearsed
from iot_dr.drill.rig.world.world import Site
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
class Diagnosis:
    """What was wrong, by which figures, and the setting or Terraform address to change.

    `id` never changes; the others are a sentence or two.
    """

    id: str
    what: str
    change: str


@dataclass(frozen=True)
class Evidence:
    """An outage, what was measured in it, and the settings that it was to prove."""

    result: Rehearsed
    measured: Figures
    settings: Settings

    @property
    def recording(self) -> Recording:
        """What happened."""
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
        """Whether the answer led to the primary, should have moved, and did not in the outage."""
        flip, restored = self.measured.flip, self.recording.restored
        has_moved = flip is not None and (restored is None or flip.at < restored)
        return self.is_to_move and not self.measured.was_elsewhere and not has_moved

    @property
    def is_late(self) -> bool:
        """Whether devices were not back while the outage was on, or only after the target."""
        p99, is_moved = self.measured.recovery.p99, self.measured.is_moved
        return bool(self.measured.lost) and (p99 is None or p99 > self.rto or not is_moved)

    @property
    def is_in_vain(self) -> bool:
        """Whether devices were not back although all must have been led to the standby."""
        flip, recording = self.measured.flip, self.recording
        if not flip or self.measured.is_moved:
            return False
        return flip.at + recording.ttl + recording.habits.ceiling < self.over

    @property
    def record(self) -> Record | None:
        """The PRIMARY record of the device name, or the only one; None where it has none."""
        world = self.result.world
        found = [each for each in world.records if each.name == world.device_name]
        return next((each for each in found if each.side != "SECONDARY"), None)

    @property
    def standby_record(self) -> Record | None:
        """The SECONDARY record of the device name."""
        world = self.result.world
        found = (each for each in world.records if each.name == world.device_name)
        return next((each for each in found if each.side == "SECONDARY"), None)

    @property
    def check(self) -> HealthCheck | None:
        """The check that the PRIMARY record asks."""
        record = self.record
        return self.result.world.checks.get(record.check) if record and record.check else None

    @property
    def leaves(self) -> tuple[HealthCheck, ...]:
        """The checks that ask something themselves, of those that the PRIMARY record depends on."""
        return tuple(self._below(self.check)) if self.check else ()

    @property
    def standby(self) -> Site | None:
        """The region that the answer moved to first, or the first one after the failed."""
        world, flip = self.result.world, self.measured.flip
        sites = [each for each in world.sites if each.region != self.recording.region]
        led = [each for each in sites if flip and each.region == flip.what]
        return next(iter((*led, *sites)), None)

    @property
    def over(self) -> float:
        """Seconds until the outage was undone, or the rehearsal ended with it."""
        restored = self.recording.restored
        return self.recording.ended if restored is None else restored

    @cached_property
    def moments(self) -> tuple[float, ...]:
        """The start, and each time at which a check changed while the outage was on."""
        return (0.0, *(at for at, _, _ in self.recording.health if 0 < at <= self.over))

    def is_well(self, record: Record, at: float) -> bool:
        """Judge a record by what was known of its checks at a time."""
        return bool(self.result.world.evaluation.record_status(record, self._states(at)).healthy)

    def is_healthy(self, check: HealthCheck, at: float) -> bool:
        """Judge a check by what was known at a time; before anything is, it counts as healthy."""
        return bool(self.result.world.evaluation.status(check.id, self._states(at)).healthy)

    def _states(self, at: float) -> dict[str, bool]:
        said = {id_: healthy for when, id_, healthy in self.recording.health if when <= at}
        return {
            id_: said[id_] is not check.inverted if id_ in said else check.is_healthy_without_data
            for id_, check in self.result.world.checks.items()
        }

    def _below(self, check: HealthCheck) -> Iterator[HealthCheck]:
        if not check.children:
            yield check
        for child in check.children:
            yield from self._below(self.result.world.checks[child])


def cause(reason: str) -> Cause:
    """Return the kind of refusal that a reason names."""
    for name, words in _CAUSES:
        if words.search(reason):
            return name
    return "other"


def count(refusals: Mapping[str, int], kind: Cause) -> int:
    """Return how many connects failed for reasons of a kind."""
    return sum(number for reason, number in refusals.items() if cause(reason) == kind)
