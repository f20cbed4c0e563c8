"""`iot-dr validate`: validates every stack with Terraform."""

import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import typer

from environments.selection import load_all
from iot_dr.cli.json_output import print_document
from iot_dr.cli.options import (
    JOBS,
    TIMEOUT,
    EnvironmentOption,
    JobsOption,
    JsonOption,
    TimeoutOption,
)
from iot_dr.cli.text import echo
from iot_dr.common.exit_status import ExitStatus
from iot_dr.delivery import validation
from iot_dr.delivery.session import RunLimits
from iot_dr.delivery.validation import StackValidation


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
    validated = validation.validate(load_all(env), limits, _print_progress)
    exit_status = 0 if all(stack.is_valid for stack in validated) else ExitStatus.FAILED
    if as_json:
        print_document("validate", [_row(stack) for stack in validated], exit_status, env)
    else:
        _print(validated, time.monotonic() - start)
    raise typer.Exit(exit_status)


def _print_progress(stack: StackValidation) -> None:
    verdict = "valid" if stack.is_valid else "INVALID"
    sys.stderr.write(f"{stack.node.name}: {verdict}\n")


def _print(validated: Sequence[StackValidation], seconds: float) -> None:
    for stack in validated:
        for path, diagnostic in stack.diagnostics:
            echo(f"\n{stack.node.name}{f' ({path})' if path else ''}\n{diagnostic}")
    invalid = sum(not stack.is_valid for stack in validated)
    count = f"{len(validated)} stacks"
    verdict = f"{invalid} of {count} are invalid" if invalid else f"{count} are valid"
    echo(f"{verdict}, in {seconds:.1f} s")


def _row(stack: StackValidation) -> dict[str, Any]:
    diagnostics = [{"construct": path, **asdict(found)} for path, found in stack.diagnostics]
    return {
        "name": stack.node.name,
        "valid": stack.is_valid,
        "diagnostics": diagnostics,
    }
