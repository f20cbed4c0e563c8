"""A game: a platform at a speed, an operator's commands, and the state that the page shows."""

import asyncio
import json
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict, dataclass, replace
from http import HTTPStatus
from random import Random
from threading import Lock
from typing import Any, Final

from iot_dr.common.signals import handlers_restored
from iot_dr.drill.fleet.device import thing_name
from iot_dr.drill.outages.catalogue import OUTAGES
from iot_dr.drill.play.faults import ApiRequest, Reply
from iot_dr.drill.play.partial_outages import PARTIAL, PARTIAL_TITLES
from iot_dr.drill.play.place import PlayedEnvironment
from iot_dr.drill.play.platform import DEVICES, Platform
from iot_dr.drill.play.score import TICK, Command, FleetOutcome, FleetRecovery, Score, mistake
from iot_dr.drill.play.visible import Visible, commands_see
from iot_dr.drill.play.world_time import at_speed
from iot_dr.drill.rig.world.world import World
from iot_dr.observe.switch.metric import Action
from modules.global_region import GLOBAL_REGION

_QUIET: Final = (60.0, 240.0)
_LASTS: Final = 600.0
_LONGEST: Final = 3600.0
_STEP: Final = 5.0
_READS: Final = "a command that reads"
_COMMANDS: Final = {"GetMetricData": "status", "iam": "doctor", "lambda": "doctor"}
"""Commands by a request that no other command sends: its operation or service."""

_ONE_COMMAND: Final = 15.0
"""Seconds of real time without a request after which the next one is another command's.

So all looks of `status --watch` are one command.
"""

_ONE_SWITCH: Final = 30.0
"""Seconds in which puts in several regions are those of one command."""

_CLOSE: Final = "/connections/"


class Game:
    """One game of a seed; `state` is what the page shows, as JSON, and hides the outage."""

    def __init__(self, place: PlayedEnvironment, seed: int, speed: float) -> None:
        self.state = "{}"
        self._place, self._seed, self._speed = place, seed, speed
        self._platform = self._new_platform()
        self._recovery = FleetRecovery()
        self._commands: list[Command] = []
        self._last_request = 0.0
        # Each request has its own thread.
        self._lock = Lock()
        self._samples: list[tuple[int, dict[str, int]]] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    def play(self, on_start: Callable[[Visible], None]) -> Score:
        """Play until devices are back for long enough, an hour has passed, or a signal.

        `on_start` gets what commands see from now on.
        """
        with handlers_restored() as numbers:
            at_speed(self._play(on_start, numbers), self._speed)
        score = self._score()
        self.state = json.dumps(json.loads(self.state) | {"score": score.document()})
        return score

    async def _play(self, on_start: Callable[[Visible], None], numbers: Collection[int]) -> None:
        self._loop = asyncio.get_running_loop()
        is_stopped = asyncio.Event()
        for number in numbers:
            self._loop.add_signal_handler(number, is_stopped.set)
        platform, own = self._platform, self._place
        async with platform.running():
            outage = asyncio.ensure_future(platform.break_region())
            with commands_see(
                platform, own.applied, own.faults, own.certificates, self._put
            ) as visible:
                own.faults.answers[:0] = [self._note, Connections(platform, self._close)]
                on_start(visible)
                while not is_stopped.is_set() and not self._is_over:
                    if outage.done():
                        outage.result()
                    self._look(visible)
                    await asyncio.sleep(TICK)
            outage.cancel()

    @property
    def _is_over(self) -> bool:
        now = self._platform.now
        return self._recovery.is_held(now) or now > _LONGEST

    def _look(self, visible: Visible) -> None:
        platform = self._platform
        platform.now = platform.clock.now()
        visible.update()
        self._recovery.look(platform)
        counts = platform.counts
        if not self._samples or platform.now - self._samples[-1][0] >= _STEP:
            self._samples.append((int(platform.now), counts))
        alarms = {
            name: [*visible.answers.firing(name)]
            for name in dict.fromkeys([GLOBAL_REGION, *platform.regions])
        }
        for alarm in platform.world.alarms.values():
            if platform.cloudwatch.is_in_alarm([alarm]):
                alarms.setdefault(alarm.region, []).append(alarm.name)
        self.state = json.dumps(
            {
                "environment": self._place.settings.environment,
                "speed": self._speed,
                "now": int(platform.now),
                "devices": DEVICES,
                "connected": counts,
                "answer": platform.answered(),
                "alarms": {name: each for name, each in alarms.items() if each},
                "commands": [asdict(each) | {"wrong": ""} for each in self._commands],
                "samples": self._samples,
            }
        )

    def _note(self, request: ApiRequest) -> Reply | None:
        """Note a command by its requests; the account answers them."""
        target = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
        name = _COMMANDS.get(target) or _COMMANDS.get(request.service) or _READS
        now = time.monotonic()
        with self._lock:
            last = self._commands[-1] if self._commands else None
            if last is None or now - self._last_request > _ONE_COMMAND:
                self._commands.append(Command(at=round(self._platform.now, 1), name=name))
            elif last.name == _READS:
                self._commands[-1] = replace(last, name=name)
            self._last_request = now
        return None

    def _close(self, region: str, device: int) -> None:
        """Close a connection in the platform's own thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._platform.regions[region].close_link, device)

    def _put(self, alarm_region: str, region: str, action: Action) -> None:
        """Set a switch in the platform's own thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._switched, alarm_region, region, action)

    def _switched(self, alarm_region: str, region: str, action: Action) -> None:
        now, name = self._platform.clock.now(), f"switch {action} {region}"
        last = next((each for each in reversed(self._commands) if each.is_write), None)
        if last is None or last.name != name or now - last.at > _ONE_SWITCH:
            wrong = mistake(self._platform, region, action)
            with self._lock:
                # What it has read before it wrote.
                if self._commands and self._commands[-1].name == _READS:
                    self._commands.pop()
                self._commands.append(
                    Command(at=round(now, 1), name=name, is_write=True, wrong=wrong)
                )
        self._platform.put(alarm_region, region, action)

    def _new_platform(self) -> Platform:
        world = self._place.world
        outage = outage_of(world, self._seed)
        return Platform(world, outage, self._seed, quiet=_QUIET, lasts=_LASTS)

    def _score(self) -> Score:
        played = self._platform
        operated = alone = FleetOutcome.of(played, self._recovery)
        if played.began is not None:
            alone = FleetOutcome.alone(self._new_platform(), played.now - played.began)
        outage = OUTAGES.get(played.outage)
        return Score(
            environment=self._place.settings.environment,
            outage=played.outage,
            title=outage.title if outage else PARTIAL_TITLES[played.outage],
            region=played.world.primary.region,
            seed=self._seed,
            speed=self._speed,
            begin=None if played.began is None else round(played.began, 1),
            lasted=round(played.now, 1),
            commands=self._commands,
            operated=operated,
            alone=alone,
        )


def outage_of(world: World, seed: int) -> str:
    """Return the outage of a seed."""
    region = world.primary.region
    kinds = [name for name, each in OUTAGES.items() if not each.reason_to_skip(world, region)]
    return Random(seed).choice([*kinds, *PARTIAL])  # noqa: S311 - no secret


@dataclass(frozen=True)
class Connections:
    """Answers for the connections of a platform's devices; `on_close` gets region and device."""

    platform: Platform
    on_close: Callable[[str, int], None]

    def __call__(self, request: ApiRequest) -> Reply | None:
        """Answer a request, for `Faults.answers`; it may be in another thread."""
        path = request.path.partition("?")[0]
        if request.service == "iotdata" and path.startswith(_CLOSE):
            return self._close(request.region, path.removeprefix(_CLOSE))
        if request.service != "iot" or request.region not in self.platform.regions:
            return None
        links = sorted([*self.platform.regions[request.region].links])
        answers: dict[str, Callable[[], dict[str, Any]]] = {
            "/indexing/config": lambda: _CONFIGURATION,
            "/indices/statistics": lambda: {"statistics": {"count": len(links)}},
            "/indices/search": lambda: {"things": [*map(_thing, links)]},
        }
        return Reply.of_json(answers[path]()) if path in answers else None

    def _close(self, region: str, client_id: str) -> Reply:
        links: Iterable[int] = [*self.platform.regions[region].links]
        device = next((each for each in links if thing_name(each) == client_id), None)
        if device is None:
            error = {"message": "no such connection", "code": "ResourceNotFoundException"}
            return Reply.of_json(error, HTTPStatus.NOT_FOUND)
        self.on_close(region, device)
        return Reply.of_json({})


_CONFIGURATION: Final = {
    "thingIndexingConfiguration": {
        "thingIndexingMode": "REGISTRY",
        "thingConnectivityIndexingMode": "STATUS",
    }
}


def _thing(device: int) -> dict[str, Any]:
    return {"thingName": thing_name(device), "connectivity": {"connected": True}}
