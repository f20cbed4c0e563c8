"""`iot-dr drill run`: outages rehearsed on this machine, from an environment's own Terraform."""

import asyncio
import json
import signal
import time
from collections.abc import Callable, Coroutine, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from environments.loader import load
from environments.settings import Settings
from iot_dr.cli.options import (
    EnvironmentOption,
    JsonOption,
    SeedOption,
    given_path,
    made_folder,
)
from iot_dr.cli.progress import Display
from iot_dr.common.signals import deferred_signals
from iot_dr.common.user_error import UsageError
from iot_dr.drill.extras import require_extra
from iot_dr.drill.rig.namespace import enter_namespace

if TYPE_CHECKING:
    from iot_dr.drill.outages.outage import Outage
    from iot_dr.drill.report.report import Report

_OUT: Final = Path("drill")
_EVERY: Final = "all"
_INTERRUPTED: Final = 130
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(  # noqa: PLR0913, PLR0917 - one argument for each option
    env: EnvironmentOption = "dev",
    outage: Annotated[
        list[str] | None,
        typer.Option(
            help="Kind of outage; may be given several times, `all` is every kind. Default: those"
            " of each month.",
            metavar="KIND",
        ),
    ] = None,
    region: Annotated[
        str | None, typer.Option(help="Region that fails. Default: the primary.", metavar="REGION")
    ] = None,
    devices: Annotated[
        int | None,
        typer.Option(
            help="Devices. Default: 300, or as many as this machine and the speed allow.",
            min=1,
            max=20_000,
            metavar="N",
        ),
    ] = None,
    speed: Annotated[
        float,
        typer.Option(
            help="How much faster than real time; intervals and TTLs pass so much sooner.",
            min=1,
            max=60,
            metavar="N",
        ),
    ] = 15.0,
    seed: SeedOption = 1,
    shared_caches: Annotated[
        int,
        typer.Option(
            help="Resolvers that devices share and others keep warm. Default: each device has a"
            " cache of its own.",
            min=0,
            metavar="N",
        ),
    ] = 0,
    out: Annotated[
        Path,
        typer.Option(
            help="Folder for report.html, report.json and junit.xml.",
            parser=given_path,
            metavar="FOLDER",
        ),
    ] = _OUT,
    as_json: JsonOption = False,
) -> None:
    """Rehearse outages with real brokers, TLS and DNS, from synthesized Terraform.

    Reads names, records, checks and switches out of what `iot-dr synth` makes, starts a broker for
    each region on this machine, lets devices connect, and breaks a region. Nothing outside this
    machine is asked, and AWS is never called.

    Exit 0 when every target was met, 3 when one was missed (recovery.rto, a message lost, a device
    not back), 1 when a rehearsal is not valid or was cut short, 2 for a mistake, 130 for Ctrl-C;
    the report is written as soon as an outage has begun.

    Example: iot-dr drill run --env dev --devices 500 --outage kill --region eu-west-1
    """
    require_extra()
    settings = load(env)
    outages, failing = _outages(outage or ()), _region(settings, region)
    # Now, and not when minutes have gone into it.
    made_folder(out)
    refused = None
    if any(each.needs_namespace for each in outages):
        # Before any thread is started, as what comes next does.
        refused = enter_namespace()
    from iot_dr.drill.drill import Drill  # noqa: PLC0415 - needs the extra
    from iot_dr.drill.report.report import Report  # noqa: PLC0415 - as above

    progress = DrillProgress(len(outages))
    drill = Drill(settings, devices, speed, seed, shared_caches, progress)
    try:
        with progress.shown():
            is_whole = _until_interrupted(lambda: drill.run(outages, failing, refused))
    finally:
        # Also when one could not be rehearsed to its end: what was, is not lost.
        report = Report.of(drill.results, settings)
        if drill.results:
            show(report, out, as_json=as_json)
    raise typer.Exit(report.status if is_whole else _INTERRUPTED)


def show(report: "Report", out: Path, *, as_json: bool) -> None:
    """Print a report and write its files; Ctrl-C takes effect afterwards."""
    from iot_dr.drill.report.report import HTML  # noqa: PLC0415 - needs the extra

    with deferred_signals(lambda: typer.echo("Wait: the report is written.", err=True)):
        typer.echo(json.dumps(report.document(), indent=2) if as_json else report.text())
        report.write(out)
        typer.echo(f"The report: {out / HTML}", err=True)


class DrillProgress:
    """A line for each outage and each of its phases; on a terminal the last is kept current.

    `total` counts the outages.
    """

    def __init__(self, total: int) -> None:
        self._total, self._number = total, 0
        self._begun, self._phase, self._connected = 0.0, "", ""
        self._display = Display(self._current)

    @contextmanager
    def shown(self) -> Generator[None]:
        """Show it for the length of a `with` block."""
        with self._display.shown():
            yield

    def outage(self, name: str, region: str) -> None:
        """Note that an outage is rehearsed now."""
        self._number += 1
        self._begun, self._phase = time.monotonic(), ""
        self._display.line(f"{self._number}/{self._total} {name} of {region}")

    def update(self, phase: str, counts: Mapping[str, int]) -> None:
        """Note the phase, and how many devices are connected to each region."""
        connected = [f"{region} {count}" for region, count in counts.items() if count]
        self._connected = ", ".join(connected) or "0"
        if phase != self._phase and not self._display.is_live:
            self._display.line(f"   {phase}")
        self._phase = phase

    def _current(self) -> str:
        passed = time.monotonic() - self._begun
        return (
            f"   {passed:4.0f} s  {self._phase}; connected: {self._connected}"
            if self._phase
            else ""
        )


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
    """Return whether it ran to its end; a signal ends it too, which it takes as being cancelled."""
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
