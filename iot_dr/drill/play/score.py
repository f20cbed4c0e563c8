"""The score of a game, against the same seed without an operator."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from iot_dr.drill.play.platform import DEVICES, Platform
from iot_dr.drill.play.world_time import in_virtual_time
from iot_dr.observe.switch.metric import Action

TICK: Final = 0.5
"""Seconds of the world between two looks, at a game and at the same seed without an operator."""

HELD: Final = 300.0
"""Seconds of the world for which devices must be back before a game ends."""

_ALMOST_ALL: Final = 0.98
"""Devices with a link while all are well: some links end at any time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command of the operator: when, in seconds of the world, and why it was wrong, if it was.

    `is_write` is false for one that only reads.
    """

    at: float
    name: str
    is_write: bool = False
    wrong: str = ""


@dataclass(slots=True)
class FleetRecovery:
    """Whether devices are back, and since when."""

    back: float | None = None

    def look(self, platform: Platform) -> None:
        """Note the state of now; nothing is lost before the outage begins."""
        region = platform.regions[platform.answered()]
        linked = sum(platform.counts.values()) >= _ALMOST_ALL * DEVICES
        if platform.began is None or not (linked and region.works):
            self.back = None
        elif self.back is None:
            self.back = platform.now

    def is_held(self, now: float) -> bool:
        """Whether devices have been back for long enough."""
        return self.back is not None and now - self.back >= HELD


def mistake(platform: Platform, region: str, action: Action) -> str:
    """Return why a switch is wrong at this moment, "" if it is not."""
    targets = [name for name in platform.regions if name != region]
    if action == "back":
        return "" if platform.regions[region].works else f"{region} does not work"
    if platform.answered() != region:
        return f"the device name did not resolve to {region}"
    if not any(platform.regions[name].works for name in targets):
        return "no other region works"
    if platform.regions[region].works:
        return f"{region} served all devices"
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetOutcome:
    """What became of devices: messages that they dropped, and when all were back.

    `back` is in seconds after the outage began, None if they were not.
    """

    messages_lost: int
    back: float | None

    @classmethod
    def of(cls, platform: Platform, recovery: FleetRecovery) -> "FleetOutcome":
        """Return the outcome of a platform at this moment."""
        begin = platform.began or 0.0
        back = None if recovery.back is None else round(recovery.back - begin, 1)
        return cls(messages_lost=platform.messages_dropped, back=back)

    @classmethod
    def alone(cls, platform: Platform, seconds: float) -> "FleetOutcome":
        """Simulate a new platform to so many seconds after its outage began, without commands."""
        recovery = FleetRecovery()
        looks = [TICK * number for number in range(int(seconds / TICK) + 1)]
        in_virtual_time(platform.run(looks, lambda: recovery.look(platform)))
        return cls.of(platform, recovery)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The score of a game; times are seconds of the world after the outage began.

    `begin` is None if the game ended before the outage, in seconds of the world. `noticed` is the
    first command, `acted` the first right switch. `alone` is the outcome without an operator.
    """

    environment: str
    outage: str
    title: str
    region: str
    seed: int
    speed: float
    begin: float | None
    lasted: float
    commands: Sequence[Command]
    operated: FleetOutcome
    alone: FleetOutcome

    @property
    def noticed(self) -> float | None:
        """When the operator ran the first command."""
        return self._first(self.commands)

    @property
    def acted(self) -> float | None:
        """When the operator switched for the first time, and not wrongly."""
        return self._first([each for each in self.commands if each.is_write and not each.wrong])

    @property
    def wrong(self) -> Sequence[Command]:
        """The wrong switches."""
        return [each for each in self.commands if each.wrong]

    def _first(self, commands: Sequence[Command]) -> float | None:
        begin = self.begin
        if begin is None:
            return None
        return next((round(each.at - begin, 1) for each in commands if each.at >= begin), None)

    def document(self) -> Mapping[str, Any]:
        """Return the score for JSON and the page."""
        return {
            "outage": self.outage,
            "title": self.title,
            "region": self.region,
            "seed": self.seed,
            "speed": self.speed,
            "outage_began": self.begin,
            "lasted": self.lasted,
            "noticed": self.noticed,
            "acted": self.acted,
            "wrong_actions": len(self.wrong),
            "commands": [asdict(each) for each in self.commands],
            "operated": asdict(self.operated),
            "without_operator": asdict(self.alone),
        }

    def text(self) -> str:
        """Return the score for a terminal."""
        if self.begin is None:
            return (
                f"The game ended after {_clock(self.lasted)}, before the outage: {self.title}, in"
                f" {self.region} (seed {self.seed})."
            )
        begin = f"after {_clock(self.begin)} of {_clock(self.lasted)} (seed {self.seed})"
        lines = [
            f"Outage: {self.title}, in {self.region}, {begin}",
            f"Noticed after  {_clock(self.noticed)}",
            f"Acted after    {_clock(self.acted)}",
            f"Wrong actions  {len(self.wrong)}",
            *(f"{'':15}{each.name} at {_clock(each.at)}: {each.wrong}" for each in self.wrong),
            "",
            "                  YOU  NO OPERATOR",
            f"Messages lost  {self.operated.messages_lost:6,}  {self.alone.messages_lost:11,}",
            f"Devices back   {_clock(self.operated.back):>6}  {_clock(self.alone.back):>11}",
        ]
        return "\n".join(lines)


def _clock(seconds: float | None) -> str:
    """Return seconds as minutes and seconds, such as `2:05`; `never` for None."""
    if seconds is None:
        return "never"
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"
