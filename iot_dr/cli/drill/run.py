"""`iot-dr drill run`: rehearses outages on this machine, from an environment's Terraform."""

import asyncio
import time
from collections.abc import Callable, Collection, Coroutine, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from environments.loader import load
from environments.settings import Settings
from iot_dr.cli.json_output import print_document
from iot_dr.cli.options import (
    EnvironmentOption,
    JsonOption,
    SeedOption,
    given_path,
    make_out_folder,
)
from iot_dr.cli.progress import Display
from iot_dr.cli.text import echo
from iot_dr.common.exit_status import ExitStatus
from iot_dr.common.signals import deferred_signals, handlers_restored
from iot_dr.common.user_error import UsageError
from iot_dr.drill.extras import require_extra
from iot_dr.drill.report.design_digest import design_digest
from iot_dr.drill.report.recorded import FOLDER
from iot_dr.drill.rig.namespace import enter_namespace
from iot_dr.terraform.sandbox.loopback import require_loopback

if TYPE_CHECKING:
    from iot_dr.drill.outages.outage import Outage
    from iot_dr.drill.report.report import DrillReport

_EVERY_OUTAGE: Final = "all"


def run(  # noqa: PLR0913, PLR0917 - one argument for each option
    env: EnvironmentOption = "dev",
    outage: Annotated[
        list[str] | None,
        typer.Option(
            help="Kind of outage, or `all`; may be repeated. Default: the monthly kinds.",
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
            help="Factor by which time runs faster than real time, also intervals and TTLs.",
            min=1,
            max=60,
            metavar="N",
        ),
    ] = 15.0,
    seed: SeedOption = 1,
    shared_caches: Annotated[
        int,
        typer.Option(
            help="Number of resolvers that devices share and others keep warm. Default: each device"
            " has its own cache.",
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
    ] = FOLDER,
    as_json: JsonOption = False,
) -> None:
    """Rehearse outages with real brokers, TLS and DNS, from synthesized Terraform.

    Reads names, records, health checks and switches from the output of `iot-dr synth`, starts a
    broker for each region on this machine, connects devices, and breaks a region. It sends nothing
    to other machines or to AWS.

    Exit 0 if every target was met, 3 if one was missed (recovery.rto, a lost message, a device that
    did not come back), 1 if a rehearsal is not valid, was cut short, or none was possible, 2 for a
    mistake, 130 for Ctrl-C. The report is written once an outage was rehearsed or skipped.

    Example: iot-dr drill run --env dev --devices 500 --outage kill --region eu-west-1
    """
    require_extra()
    settings = load(env)
    outages, failing = _outages(outage or ()), _region(settings, region)
    # Fails now instead of after minutes of rehearsal.
    make_out_folder(out)
    refused = None
    if any(each.needs_namespace for each in outages):
        # Before any thread is started, which the imports below do.
        refused = enter_namespace()
    require_loopback()
    from iot_dr.drill.drill import Drill  # noqa: PLC0415 - needs the extra
    from iot_dr.drill.report.report import DrillReport  # noqa: PLC0415 - as above

    progress, is_whole = DrillProgressLines(len(outages)), None
    drill = Drill(settings, devices, speed, seed, shared_caches, progress)
    design = design_digest(settings)
    try:
        with progress.shown():
            is_whole = _until_interrupted(lambda: drill.run(outages, failing, refused))
    finally:
        # Also after an error, so that finished rehearsals are not lost.
        report = DrillReport.of(drill.results, settings, design)
        ended = report.status if is_whole else ExitStatus.INTERRUPTED
        exit_status = ExitStatus.FAILED if is_whole is None else ended
        if drill.results:
            show(report, out, exit_status if as_json else None)
    raise typer.Exit(exit_status)


def show(report: "DrillReport", out: Path, json_status: int | None) -> None:
    """Print a report and write its files; Ctrl-C takes effect afterwards.

    With `json_status`, the exit status of the command, it is printed as JSON.
    """
    from iot_dr.drill.report.report import HTML  # noqa: PLC0415 - needs the extra

    with deferred_signals(lambda: echo("Wait: the report is being written.", err=True)):
        if json_status is None:
            echo(report.text())
        else:
            print_document("drill run", report.document(), json_status, report.environment)
        report.write(out)
        echo(f"Report: {out / HTML}", err=True)


class DrillProgressLines:
    """Progress lines for each outage and its phases; on a terminal the last one is live.

    `total` counts the outages.
    """

    def __init__(self, total: int) -> None:
        self._total, self._number = total, 0
        self._begun, self._phase, self._connected = 0.0, "", ""
        self._display = Display(self._current)

    @contextmanager
    def shown(self) -> Generator[None]:
        """Show the progress during a `with` block."""
        with self._display.shown():
            yield

    def outage(self, name: str, region: str) -> None:
        """Note that the rehearsal of an outage begins."""
        self._number += 1
        self._begun, self._phase = time.monotonic(), ""
        self._display.line(f"{self._number}/{self._total} {name} of {region}")

    def update(self, phase: str, counts: Mapping[str, int]) -> None:
        """Note the current phase and the number of connected devices by region."""
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

    if _EVERY_OUTAGE in names:
        return tuple(OUTAGES.values())
    if unknown := [name for name in names if name not in OUTAGES]:
        message = (
            f"--outage {unknown[0]}: not a kind of outage; expected one of {', '.join(OUTAGES)},"
            f" {_EVERY_OUTAGE}"
        )
        raise UsageError(message)
    return [OUTAGES[name] for name in dict.fromkeys(names or MONTHLY)]


def _region(settings: Settings, region: str | None) -> str:
    if region is None:
        return settings.failover_order[0]
    if region not in settings.failover_order:
        message = (
            f"--region {region}: not a region of {settings.environment}; expected one of"
            f" {', '.join(settings.failover_order)}"
        )
        raise UsageError(message)
    return region


def _until_interrupted(work: Callable[[], Coroutine[Any, Any, None]]) -> bool:
    """Run work until it ends or a signal cancels it; return whether it ran to its end."""

    async def main(numbers: Collection[int]) -> bool:
        loop = asyncio.get_running_loop()
        task = loop.create_task(work())
        for number in numbers:
            # Only the first signal cancels: a second one would interrupt the cleanup.
            loop.add_signal_handler(number, lambda: task.cancelling() or task.cancel())
        try:
            await task
        except asyncio.CancelledError:
            return False
        return not task.cancelling()

    from uvloop import new_event_loop  # noqa: PLC0415 - needs the extra

    # uvloop's own handlers would drop signals while the report is written.
    with handlers_restored() as numbers, asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(main(numbers))
