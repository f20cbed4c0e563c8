"""What comes after a command, from an empty account to a pipeline (docs/how-to/first-deploy.md)."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from iot_dr.cli.text import QUIET, echo
from iot_dr.terraform_json.provider_choice import Provider

_DRILL: Final = "iot-dr drill run --env {env} (rehearses the loss of a region on this machine)"


@dataclass(frozen=True, slots=True)
class NextStep:
    """The step after a command that exits with `status`; names in braces are its options.

    It applies if the options `given` have a value, and with `provider`, of which None is any. If it
    `is_result`, the command itself prints it, also where nobody watches.
    """

    after: str
    status: int
    step: str
    given: tuple[str, ...] = ()
    provider: Provider | None = None
    is_result: bool = False


NEXT_STEPS: Final = (
    NextStep("init", 0, "cd {folder} && make plan PROVIDER=standin", is_result=True),
    NextStep("env check", 0, "iot-dr plan --env {env}", given=("env",)),
    NextStep("rto", 0, _DRILL),
    NextStep("rto", 3, "iot-dr drill sweep --env {env} (looks for settings that are fast enough)"),
    NextStep(
        *("plan", 0, "iot-dr apply --env {env} --plans {out} --wave {wave}"), given=("out", "wave")
    ),
    NextStep("plan", 0, "iot-dr review --env {env} (reports what the changes mean for devices)"),
    NextStep("review", 0, "", given=("plans",)),
    NextStep("review", 0, "iot-dr deploy --env {env}"),
    NextStep("sandbox up", 0, _DRILL),
    NextStep("doctor", 0, "", given=("policy",)),
    NextStep("doctor", 0, "before the first deploy, iot-dr state init --env {env}"),
    NextStep("doctor", 1, "iot-dr doctor --env {env} --policy (prints the permissions it needs)"),
    NextStep("doctor", 3, "carry out the remedies, then iot-dr doctor --env {env} again"),
    NextStep("state init", 0, "iot-dr deploy --env {env}"),
    NextStep("deploy", 0, _DRILL, provider=Provider.STANDIN),
    NextStep("deploy", 0, "iot-dr status --env {env}, until it is ok"),
    NextStep("status", 0, _DRILL),
    NextStep("drill run", 0, "in an account, iot-dr acceptance --env {env} --provider aws"),
    NextStep("drill run", 3, "{out}/report.html has the time of each step, and why it is late"),
    NextStep(
        "acceptance",
        0,
        "the block `data` for devices in every region: docs/explanation/device-data.md",
    ),
    NextStep("registry status", 0, "a pipeline for changes: docs/runbooks/pipeline.md"),
)
"""The first that applies is printed, unless it is empty."""


def next_step(
    command: str, status: int, options: Mapping[str, Any], *, is_result: bool = False
) -> str | None:
    """Return the step after a command, such as `drill run`, or None."""
    if options.get("env") == "all":
        return None
    for entry in NEXT_STEPS:
        if (entry.after, entry.status, entry.is_result) != (command, status, is_result):
            continue
        # Not by truth: a wave may be 0.
        values = [options.get(name) for name in entry.given]
        is_given = not any(value is None or value is False for value in values)
        if is_given and (entry.provider is None or entry.provider is _provider(options)):
            named = {**options, "env": options.get("env") or "dev"}
            return entry.step.format(**named) or None
    return None


def print_next_step(command: str, status: int, options: Mapping[str, Any]) -> None:
    """Print the next step for a person: on a terminal, without --json and --quiet."""
    if not sys.stderr.isatty() or options.get("as_json") or os.environ.get(QUIET):
        return
    if step := next_step(command, status, options):
        echo(f"\nNext: {step}", err=True)


def _provider(options: Mapping[str, Any]) -> Provider:
    return Provider.select(options.get("provider"), str(options.get("env")), os.environ)
