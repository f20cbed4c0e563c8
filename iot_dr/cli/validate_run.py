"""The work of `iot-dr validate`."""

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import typer

from environments.selection import load_all
from iot_dr.delivery.session import Limits
from iot_dr.delivery.validation import Validated, validate

_INVALID = 1


def run(environment: str, jobs: int, timeout: float, *, as_json: bool) -> int:
    """Validate, print, and give the exit status: 0, or 1 when Terraform refuses a stack."""
    start = time.monotonic()
    limits = Limits(jobs=jobs, timeout=timeout)
    validated = validate(load_all(environment), limits, _tell_progress)
    if as_json:
        typer.echo(json.dumps([_row(each) for each in validated], indent=2))
    else:
        _print(validated, time.monotonic() - start)
    return 0 if all(each.is_valid for each in validated) else _INVALID


def _tell_progress(validated: Validated) -> None:
    sys.stderr.write(f"{validated.node.name}: {_told(validated)}\n")


def _told(validated: Validated) -> str:
    return "valid" if validated.is_valid else "INVALID"


def _print(validated: Sequence[Validated], seconds: float) -> None:
    for each in validated:
        for path, diagnostic in each.diagnostics:
            typer.echo(f"\n{each.node.name}{f' ({path})' if path else ''}\n{diagnostic}")
    invalid = sum(not each.is_valid for each in validated)
    count = f"{len(validated)} stacks"
    verdict = f"{invalid} of {count} are invalid" if invalid else f"{count} are valid"
    typer.echo(f"{verdict}, in {seconds:.1f} s")


def _row(validated: Validated) -> dict[str, Any]:
    diagnostics = [{"construct": path, **asdict(found)} for path, found in validated.diagnostics]
    return {
        "name": validated.node.name,
        "valid": validated.is_valid,
        "diagnostics": diagnostics,
    }
