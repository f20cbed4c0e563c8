"""The work of `iot-dr drill run`."""

import asyncio
import json
import signal
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from environments.loader import load
from environments.settings import Settings
from iot_dr.cli.drill_progress import DrillProgress
from iot_dr.cli.given_path import made_folder
from iot_dr.common.signals import deferred_signals
from iot_dr.common.user_error import UsageError
from iot_dr.drill.extras import require_extra

if TYPE_CHECKING:
    from iot_dr.drill.outages.outage import Outage

_EVERY: Final = "all"
_INTERRUPTED: Final = 130
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line asks for; None, and no outages, stand for the defaults."""

    outages: tuple[str, ...]
    region: str | None
    devices: int | None
    speed: float
    seed: int
    shared_caches: int
    out: Path


def run(environment: str, asked: Asked, *, as_json: bool) -> int:
    """Rehearse, write the report and print it; give the exit status."""
    require_extra()
    settings = load(environment)
    outages, region = _outages(asked.outages), _region(settings, asked.region)
    # Now, and not when minutes have gone into it.
    made_folder(asked.out)
    refused = None
    if any(each.needs_namespace for each in outages):
        from iot_dr.drill.rig.namespace import enter_namespace  # noqa: PLC0415 - as few pay for it

        # Before any thread is started, as what comes next does.
        refused = enter_namespace()
    from iot_dr.drill.drill import Drill  # noqa: PLC0415 - see above
    from iot_dr.drill.report.report import HTML, Report  # noqa: PLC0415 - as above

    progress = DrillProgress(len(outages))
    drill = Drill(settings, asked.devices, asked.speed, asked.seed, asked.shared_caches, progress)
    try:
        is_whole = _until_interrupted(lambda: drill.run(outages, region, refused))
    finally:
        progress.done()
        # Also when one could not be rehearsed to its end: what was, is not lost.
        report = Report.of(drill.results, settings)
        if drill.results:
            with deferred_signals(lambda: typer.echo("Wait: the report is written.", err=True)):
                typer.echo(json.dumps(report.document(), indent=2) if as_json else report.text())
                report.write(asked.out)
                typer.echo(f"The report: {asked.out / HTML}", err=True)
    return report.status if is_whole else _INTERRUPTED


def _outages(names: Sequence[str]) -> Sequence["Outage"]:
    from iot_dr.drill.outages.catalogue import (  # noqa: PLC0415 - needs the extra
        MONTHLY,
        OUTAGES,
    )

    if _EVERY in names:
        return tuple(OUTAGES.values())
    if unknown := [name for name in names if name not in OUTAGES]:
        message = (
            f"--outage {unknown[0]}: is no kind of outage; known are {', '.join(OUTAGES)} and"
            f" {_EVERY}"
        )
        raise UsageError(message)
    return [OUTAGES[name] for name in dict.fromkeys(names or MONTHLY)]


def _region(settings: Settings, region: str | None) -> str:
    if region is None:
        return settings.failover_order[0]
    if region not in settings.failover_order:
        message = (
            f"--region {region}: is no region of {settings.environment}; its regions are"
            f" {', '.join(settings.failover_order)}"
        )
        raise UsageError(message)
    return region


def _until_interrupted(work: Callable[[], Coroutine[Any, Any, None]]) -> bool:
    """Run it to its end; False where a signal ended it, which it takes as being cancelled."""
    handlers = {
        number: handler
        for number in _SIGNALS
        if (handler := signal.getsignal(number)) is not signal.SIG_IGN
    }

    async def main() -> bool:
        loop = asyncio.get_running_loop()
        task = loop.create_task(work())
        for number in handlers:
            # Once: a second one would cut off what the first one lets be cleaned up.
            loop.add_signal_handler(number, lambda: task.cancelling() or task.cancel())
        try:
            await task
        except asyncio.CancelledError:
            return False
        return not task.cancelling()

    from uvloop import new_event_loop  # noqa: PLC0415 - needs the extra

    try:
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            return runner.run(main())
    finally:
        # uvloop leaves its own, which would drop a signal that comes while the report is written.
        for number, handler in handlers.items():
            signal.signal(number, handler)
