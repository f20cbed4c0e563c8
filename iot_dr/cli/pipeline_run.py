"""The work of `iot-dr pipeline`."""

from pathlib import Path

import typer

from environments.loader import load
from iot_dr.cli.pipeline_report import ActivationReport
from iot_dr.common.user_error import UsageError
from iot_dr.delivery.pipeline.activation import Activation
from iot_dr.delivery.pipeline.guard import (
    ExpectedWave,
    refuse_inactive,
    refuse_other_wave,
    refuse_passed_by,
)
from iot_dr.delivery.pipeline.promotion import refuse_unpromoted


def run_guard(
    environment: str, region: str, wave: int | None, stacks: str | None, passed_by: str | None
) -> None:
    """Raise RefusedError when the pipeline must not go on, else say what it may go on with."""
    if (wave is None) != (stacks is None):
        raise UsageError("--wave and --stacks: each needs the other")
    if stacks is not None and not stacks.split():
        raise UsageError("--stacks: names no stack; a wave has one or more")
    if passed_by is not None and wave is None:
        raise UsageError("--passed-by: is for a wave; name that by --wave and --stacks")
    if passed_by is not None and not passed_by.split():
        raise UsageError("--passed-by: tells nothing; give PASSED_BY of each region's wave")
    settings = load(environment)
    refuse_inactive(settings, region)
    if wave is None or stacks is None:
        refuse_unpromoted(settings)
        typer.echo(f"{environment}: the pipeline of {region} is active, and may take this commit")
        return
    expected = ExpectedWave(number=wave, stacks=tuple(stacks.split()))
    refuse_other_wave(settings, expected)
    refuse_passed_by(settings, (passed_by or "").split())
    typer.echo(f"{environment}: wave {wave} is {', '.join(expected.stacks)}")


def run_variables(file: Path, plans: Path) -> None:
    """Print the variables."""
    from iot_dr.delivery.pipeline.variables import Variables  # noqa: PLC0415 - the guard is quick

    typer.echo("\n".join(Variables.read(file, plans).lines()))


def run_activate(environment: str, region: str, *, as_json: bool) -> None:
    """Change the file where that is needed, and print what is left to do."""
    activation = Activation.of(environment, region)
    activation.write()
    report = ActivationReport(activation)
    typer.echo(report.json() if as_json else report.text())
