"""A drill: one outage of an environment after another, each on what stands anew."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from environments.settings import Settings
from iot_dr.common.user_error import UsageError
from iot_dr.drill.fleet.habits import Habits
from iot_dr.drill.fleet.machine import Limits, measured_limits
from iot_dr.drill.outages.outage import Outage
from iot_dr.drill.recorder import Recorder
from iot_dr.drill.recording import Options
from iot_dr.drill.rehearsal import Rehearsal
from iot_dr.drill.report.outage_result import NotRehearsed, OutageResult, Rehearsed
from iot_dr.drill.rig.standing import RigSpecification
from iot_dr.drill.rig.world.reading import synthesized_world
from iot_dr.drill.rig.world.world import World

DEVICES: Final = 300
"""Devices of a drill where nobody says how many, if this machine does that many."""

_RAMP: Final = 0.3
"""The part of the machine's connects that devices use when they connect for the first time."""


class TooManyDevicesError(UsageError):
    """This machine cannot do what was asked for, so that its figures would be the machine's."""


class DrillProgress(Protocol):
    """Is told how a drill goes on."""

    def outage(self, name: str, region: str) -> None:
        """Hear that an outage is rehearsed now."""
        ...

    def update(self, phase: str, counts: Mapping[str, int]) -> None:
        """Hear what is done, and how many devices are connected to each region."""
        ...


class Drill:
    """Rehearses outages of an environment; `results` grow with each that has ended.

    `devices` None takes 300, or as many as this machine does at that speed.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what a drill is made of
        self,
        settings: Settings,
        devices: int | None,
        speed: float,
        seed: int,
        shared_caches: int,
        progress: DrillProgress,
    ) -> None:
        self.results: list[OutageResult] = []
        self._settings, self._devices, self._progress = settings, devices, progress
        self._speed, self._seed, self._shared_caches = speed, seed, shared_caches
        self._habits = Habits(ceiling=settings.recovery.backoff_ceiling)

    async def run(self, outages: Sequence[Outage], region: str, no_drops: str | None) -> None:
        """Rehearse outages of a region; `no_drops` says why packets cannot be dropped here.

        Raises TooManyDevicesError where this machine cannot do it, and NoBrokerError without
        mosquitto. Cancelling it keeps what was rehearsed until then, with the last one partial.
        """
        limits = await measured_limits()
        options = self._options(limits)
        world = synthesized_world(self._settings)
        for outage in outages:
            self._progress.outage(outage.name, region)
            reason = no_drops if outage.needs_namespace else None
            if reason := reason or outage.unfit(world, region):
                self.results.append(
                    NotRehearsed(
                        title=outage.title, outage=outage.name, region=region, reason=reason
                    )
                )
                continue
            self.results.append(await self._rehearsed(world, outage, region, options, limits))
            # It ends early by itself when it is cancelled, so that what it has is kept.
            if (task := asyncio.current_task()) and task.cancelling():
                raise asyncio.CancelledError

    async def _rehearsed(
        self, world: World, outage: Outage, region: str, options: Options, limits: Limits
    ) -> Rehearsed:
        specification = RigSpecification(
            settings=self._settings,
            world=world,
            options=options,
            connect_rate=_RAMP * limits.connect_rate,
            has_relays=outage.needs_relay,
        )
        machine = limits.machine(options.devices, options.speed, options.habits.ceiling)
        recorder = Recorder(world, outage, region, options, machine)
        rehearsal = Rehearsal(specification, outage, region, recorder, self._progress.update)
        return Rehearsed(
            title=outage.title,
            recording=await rehearsal.run(),
            world=world,
            expectation=rehearsal.expectation,
        )

    def _options(self, limits: Limits) -> Options:
        most = limits.most_devices(self._speed, self._habits.ceiling)
        devices = min(DEVICES, most) if self._devices is None else self._devices
        if devices > most or devices < 1:
            message = (
                f"--devices {devices}, --speed {self._speed:g}: this machine connects"
                f" {limits.connect_rate:.0f} devices a second, and could rehearse {most} at this"
                f" speed ({limits.most_devices(1, self._habits.ceiling)} at --speed 1); beyond that"
                " the figures would be the machine's"
            )
            raise TooManyDevicesError(message)
        return Options(
            devices=devices,
            speed=self._speed,
            seed=self._seed,
            habits=self._habits,
            shared_caches=self._shared_caches,
        )
