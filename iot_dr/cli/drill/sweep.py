"""`iot-dr drill sweep`: finds settings with which a fleet recovers faster."""

from pathlib import Path
from typing import Annotated

import typer

from environments.loader import load
from iot_dr.cli.json_output import print_report
from iot_dr.cli.options import (
    EnvironmentOption,
    JsonOption,
    SeedOption,
    given_path,
    make_out_folder,
)
from iot_dr.cli.progress import CountProgress
from iot_dr.common.exit_status import ExitStatus
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UsageError
from iot_dr.common.whole_file import whole_file
from iot_dr.drill.extras import require_extra
from iot_dr.drill.simulate.grid import grid


def sweep(  # noqa: PLR0913, PLR0917 - one argument for each option
    env: EnvironmentOption = "dev",
    devices: Annotated[
        int | None,
        typer.Option(help="Devices. Default: recovery.fleet.", min=1, max=10_000_000, metavar="N"),
    ] = None,
    change: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="Values of a setting to try in addition to its own; may be repeated. Default: some"
            " of endpoint.ttl, recovery.backoff_ceiling, health.interval, health.threshold.",
            metavar="KEY=VALUE,VALUE",
        ),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            help="Scheduler of a Dask cluster, such as tcp://127.0.0.1:8786, whose workers have"
            " this project installed. Default: use this machine's cores.",
            metavar="ADDRESS",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write a chart.", parser=given_path, metavar="FILE.svg")
    ] = None,
    seed: SeedOption = 1,
    as_json: JsonOption = False,
) -> None:
    """Simulate the loss of a region with combinations of settings, and compare them.

    Each combination is simulated with the same three outages, with DNS caches per device and with
    shared ones that others keep warm; the slower kind counts. No settings file is changed.

    More devices than recovery.fleet are judged too.

    Exit 0 if a combination meets recovery.rto, 3 if none does.

    Example: iot-dr drill sweep --env dev --set endpoint.ttl=10,30 --set health.interval=10
    """
    settings = load(env)
    require_extra()
    from iot_dr.cli.drill.sweep_report import SweepReport  # noqa: PLC0415 - needs the extra
    from iot_dr.drill.simulate.sweep import gathered, tasks  # noqa: PLC0415 - as above
    from iot_dr.drill.simulate.workers import work_here, work_there  # noqa: PLC0415 - as above

    chosen = grid(settings, tuple(change or ()))
    if out is not None:
        _refuse_unwritable(out)
    points = list(chosen.points())
    fleet = devices or settings.recovery.fleet
    todo = list(tasks(points, fleet, seed))
    with CountProgress("simulated", len(todo)).shown() as progress:
        figures = (
            work_there(cluster, todo, progress.done)
            if cluster is not None
            else work_here(todo, progress.done)
        )
    report = SweepReport(
        settings=settings,
        current=chosen.current,
        devices=fleet,
        combinations=gathered(points, figures),
    )
    exit_status = 0 if report.advice.meets_target else ExitStatus.NOT_GOOD
    print_report("drill sweep", report, exit_status, env, as_json=as_json)
    if out is not None:
        with whole_file(out) as file:
            file.write(report.chart())
    raise typer.Exit(exit_status)


def _refuse_unwritable(out: Path) -> None:
    """Raise UsageError now if the chart cannot be written later."""
    if out.is_dir():
        message = f"--out {plain(str(out))}: is a folder; expected a file"
        raise UsageError(message)
    make_out_folder(out.parent)
