"""The work of `iot-dr drill sweep`."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import typer

from environments.loader import load
from iot_dr.cli.given_path import made_folder
from iot_dr.cli.simulation_progress import SimulationProgress
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UsageError
from iot_dr.common.whole_file import whole_file
from iot_dr.drill.extras import require_extra

_TOO_LATE: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The options of the command."""

    devices: int | None
    sets: tuple[str, ...]
    cluster: str | None
    out: Path | None
    seed: int


def run(environment: str, asked: Asked, *, as_json: bool) -> int:
    """Simulate, print and draw; give the exit status: 0, or 3 when nothing is enough.

    Raises UsageError and SettingsError for what cannot be tried, MissingExtraError without the
    extras, ClusterError for a cluster that does not work.
    """
    settings = load(environment)
    require_extra()
    from iot_dr.cli.drill_sweep_report import SweepReport  # noqa: PLC0415 - needs the extra
    from iot_dr.drill.simulate.grid import grid  # noqa: PLC0415 - as above
    from iot_dr.drill.simulate.sweep import gathered, tasks  # noqa: PLC0415 - as above
    from iot_dr.drill.simulate.workers import work_here, work_there  # noqa: PLC0415 - as above

    chosen = grid(settings, asked.sets)
    if asked.out is not None:
        _refuse_unwritable(asked.out)
    points = list(chosen.points())
    devices = asked.devices or settings.recovery.fleet
    todo = list(tasks(points, devices, asked.seed))
    with SimulationProgress(len(todo)).shown() as progress:
        figures = (
            work_there(asked.cluster, todo, progress.done)
            if asked.cluster is not None
            else work_here(todo, progress.done)
        )
    report = SweepReport(
        settings=settings, now=chosen.now, devices=devices, swept=gathered(points, figures)
    )
    typer.echo(json.dumps(report.document(), indent=2) if as_json else report.text())
    if asked.out is not None:
        with whole_file(asked.out) as file:
            file.write(report.chart())
    return 0 if report.advice.is_enough else _TOO_LATE


def _refuse_unwritable(out: Path) -> None:
    """Raise UsageError for a chart that could not be written when all is done."""
    if out.is_dir():
        message = f"--out {plain(str(out))}: is a folder; name a file in it"
        raise UsageError(message)
    made_folder(out.parent)
