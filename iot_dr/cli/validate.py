"""`iot-dr validate`: whether Terraform would take every stack."""

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

import typer

from environments.selection import load_all
from iot_dr.cli.options import (
    JOBS,
    TIMEOUT,
    EnvironmentOption,
    JobsOption,
    JsonOption,
    TimeoutOption,
)
from iot_dr.delivery import validation
from iot_dr.delivery.session import RunLimits
from iot_dr.delivery.validation import StackValidation

_INVALID: Final = 1


def validate(
    env: EnvironmentOption = "all",
    jobs: JobsOption = JOBS,
    timeout: TimeoutOption = TIMEOUT,
    as_json: JsonOption = False,
) -> None:
    """Validate every stack against the AWS provider's schema, without an account.

    Example: iot-dr validate --env all
    """
    start = time.monotonic()
    limits = RunLimits(jobs=jobs, timeout=timeout)
    validated = validation.validate(load_all(env), limits, _tell_progress)
    if as_json:
        typer.echo(json.dumps([_row(each) for each in validated], indent=2))
    else:
        _print(validated, time.monotonic() - start)
    raise typer.Exit(0 if all(each.is_valid for each in validated) else _INVALID)


def _tell_progress(validated: StackValidation) -> None:
    verdict = "valid" if validated.is_valid else "INVALID"
    sys.stderr.write(f"{validated.node.name}: {verdict}\n")


def _print(validated: Sequence[StackValidation], seconds: float) -> None:
    for each in validated:
        for path, diagnostic in each.diagnostics:
            typer.echo(f"\n{each.node.name}{f' ({path})' if path else ''}\n{diagnostic}")
    invalid = sum(not each.is_valid for each in validated)
    count = f"{len(validated)} stacks"
    verdict = f"{invalid} of {count} are invalid" if invalid else f"{count} are valid"
    typer.echo(f"{verdict}, in {seconds:.1f} s")


def _row(validated: StackValidation) -> dict[str, Any]:
    diagnostics = [{"construct": path, **asdict(found)} for path, found in validated.diagnostics]
    return {
        "name": validated.node.name,
        "valid": validated.is_valid,
        "diagnostics": diagnostics,
    }
