"""The resources of a stack at each moment of an apply, from the order that Terraform prints."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support.sandbox_run import SandboxRun

ALARM, CHECK = "aws_cloudwatch_metric_alarm", "aws_route53_health_check"
RECORD = "aws_route53_record"

Values = dict[str, dict[str, Any]]


def applied(run: SandboxRun, folder: Path) -> tuple[Values, Values, str]:
    """Apply a stack; return its resources before and after, and what Terraform printed."""
    before = state(run, folder)
    printed = run.terraform(folder, "apply", "-auto-approve", "-json")
    return before, state(run, folder), printed


def state(run: SandboxRun, folder: Path) -> Values:
    """Return the alarms, checks and records of a stack by their addresses."""
    document = json.loads(run.terraform(folder, "show", "-json"))
    resources = document["values"]["root_module"]["resources"]
    kinds = {ALARM, CHECK, RECORD}
    return {each["address"]: each["values"] for each in resources if each["type"] in kinds}


def moments(before: Values, after: Values, printed: str) -> Iterator[tuple[str, Values]]:
    """Return the resources after each operation of an apply, and the operation."""
    standing = dict(before)
    for line in printed.splitlines():
        event = json.loads(line)
        if event["type"] != "apply_complete":
            continue
        action, address = event["hook"]["action"], event["hook"]["resource"]["addr"]
        if address in before or address in after:
            standing.pop(address, None)
            standing |= {address: after[address]} if action != "delete" else {}
            yield f"{action} {address}", dict(standing)


def of_kind(standing: Values, kind: str) -> list[dict[str, Any]]:
    """Return the resources of a type."""
    return [values for address, values in standing.items() if address.startswith(f"{kind}.")]
