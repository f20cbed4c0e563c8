"""A drill: a sequence of outages of one environment, each rehearsed on a fresh rig."""

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
from iot_dr.drill.rig.running_rig import RigSpecification
from iot_dr.drill.rig.world.reading import synthesized_world
from iot_dr.drill.rig.world.world import World

DEVICES: Final = 300
"""Default number of devices, unless this machine supports fewer."""

_RAMP: Final = 0.3
"""Share of the machine's connect rate that devices use for their first connect."""


class TooManyDevicesError(UsageError):
    """There is no device, or so many that they would measure this machine instead of the design."""


class DrillProgress(Protocol):
    """Receives the progress of a drill."""

    def outage(self, name: str, region: str) -> None:
        """Note that the rehearsal of an outage begins."""
        ...

    def update(self, phase: str, counts: Mapping[str, int]) -> None:
        """Note the current phase and the number of connected devices by region."""
        ...


class Drill:
    """Rehearses outages of an environment; each finished one is appended to `results`.

    Without `devices` it takes 300, or as many as this machine supports at that speed.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - one parameter for each option of the command
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
        """Rehearse outages of a region; `no_drops` is why packets cannot be dropped here, if so.

        Raises TooManyDevicesError for a number of devices that this machine does not support,
        NoBrokerError without mosquitto, and ModuleChildError if no client connects to a broker of
        this machine. If cancelled, it keeps the results so far and raises CancelledError; the last
        result is partial.
        """
        limits = await measured_limits()
        options = self._options(limits)
        world = synthesized_world(self._settings)
        for outage in outages:
            self._progress.outage(outage.name, region)
            reason = no_drops if outage.needs_namespace else None
            if reason := reason or outage.reason_to_skip(world, region):
                self.results.append(
                    NotRehearsed(
                        title=outage.title, outage=outage.name, region=region, reason=reason
                    )
                )
                continue
            self.results.append(await self._rehearsed(world, outage, region, options, limits))
            # A cancelled rehearsal returns a partial result instead of raising.
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
                f" {limits.connect_rate:.0f} devices a second, so it can rehearse at most {most} at"
                f" this speed ({limits.most_devices(1, self._habits.ceiling)} at --speed 1); more"
                " would measure the machine and not the design"
            )
            raise TooManyDevicesError(message)
        return Options(
            devices=devices,
            fewer="" if self._devices else fewer_devices(devices, limits, self._speed),
            speed=self._speed,
            seed=self._seed,
            habits=self._habits,
            shared_caches=self._shared_caches,
        )


def fewer_devices(devices: int, limits: Limits, speed: float) -> str:
    """Return a sentence about why there are fewer devices than by default; "" if there are not."""
    if devices >= DEVICES:
        return ""
    return (
        f"{devices:,} devices instead of {DEVICES}: this machine connects"
        f" {limits.connect_rate:.0f} devices a second, and more devices at --speed {speed:g} would"
        " measure the machine and not the design; a lower --speed allows more."
    )
