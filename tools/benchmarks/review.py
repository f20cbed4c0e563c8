"""Measures the review of large plans, compared with `terraform show` of the plan and with tf-peek.

The plans are real: Terraform plans the creation of `terraform_data`, and `terraform show -json`
writes the file that is reviewed. `iot-dr review` does everything that it does for a pull request:
it reads, applies the rules, and renders; its JSON has every difference of every change. tf-peek
(the package tf-peek) writes a Markdown report of all changes; without its command it is skipped.
Times are those of whole processes, start included; memory is the peak, also as a multiple of the
file's size. `--generated` also reviews one generated plan, of updates, which Terraform would take
too long to create. A second table has the CPU seconds for 20,000 records, of many names and of
one, and how they grow.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from iot_dr.cli.text import columns
from iot_dr.terraform.commands import GRACE_SECONDS, ProcessCommands
from iot_dr.terraform.engine import Engine
from iot_dr.terraform.environment import terraform_environment
from iot_dr.terraform.process_output import OUTPUT_LIMIT
from iot_dr.terraform.terraform import Terraform
from tools.benchmarks.interleave import interleave, median
from tools.benchmarks.process_tree import CommandError, Run, measure
from tools.benchmarks.record_growth import grown, grown_text
from tools.benchmarks.target import Target

_CHANGES = (10_000, 100_000)
_PEER = Path(".venv-bench/bin/tf-peek")
_SHOW = "terraform show -json"
_OURS = ("iot-dr review, Markdown", "iot-dr review, JSON")
_TIME = Target(1, is_upper=True)
_MEMORY = Target(3, is_upper=True)
_MB = 1024**2
# With a smaller file Python itself is the larger part.
_LARGE = 50

_ONCE: Final = Path(__file__).with_name("terraform_once.py")
_INSTANCES: Final = 100
"""Instances of one block."""
_PLAN: Final = "plan.tfplan"


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One program on a plan of so many changes whose JSON has `file` MiB: seconds and peak MiB."""

    what: str
    changes: int
    file: float
    seconds: float
    megabytes: float
    of_show: float | None
    """Its time divided by that of `terraform show -json`; None for a generated plan."""

    @property
    def of_file(self) -> float:
        """Its memory divided by the size of the file."""
        return self.megabytes / self.file


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print; a round of the larger size takes some minutes."""
    options = _parser().parse_args(arguments)
    peer = options.peer if options.peer.is_file() else None
    measured: list[Measured] = []
    try:
        with TemporaryDirectory() as name:
            for changes in options.changes:
                folder = Path(name, str(changes))
                measured += _real(folder, changes, options.rounds, peer)
            if options.generated:
                measured.append(_generated(Path(name), options.generated))
            records = grown(Path(name, "records"), ("review",), _variables())
    except CommandError as error:
        sys.exit(f"error: {error}")
    rows = [{**asdict(each), "of_file": each.of_file} for each in measured]
    rows += [asdict(each) for each in records]
    tables = f"{_text(measured)}\n\n{grown_text(records)}"
    sys.stdout.write((json.dumps(rows, indent=2) if options.json else tables) + "\n")


def _real(folder: Path, changes: int, rounds: int, peer: Path | None) -> list[Measured]:
    sys.stderr.write(f"  Terraform plans {changes} changes ...\n")
    plan = make_plan(folder, changes)
    file = folder / "plan.json"
    shown = terraform(f"-chdir={folder}", "show", "-no-color", "-json", str(plan))
    with file.open("wb") as opened:
        subprocess.run(shown, stdout=opened, env=_variables(), check=True)  # noqa: S603 - the benchmark's own
    commands = {
        _OURS[0]: _review(file, "markdown"),
        _OURS[1]: _review(file, "json"),
        _SHOW: shown,
        "terraform show": [each for each in shown if each != "-json"],
    }
    if peer is not None:
        commands["tf-peek"] = [str(peer), str(file), "--output", str(folder / "peek.md")]
    cases: dict[str, Callable[[], Run]] = {
        what: partial(measure, command, _variables()) for what, command in commands.items()
    }
    runs = {what: median(each) for what, each in interleave(cases, rounds).items()}
    return [
        Measured(
            what=what,
            changes=changes,
            file=file.stat().st_size / _MB,
            seconds=run.seconds,
            megabytes=run.megabytes,
            of_show=run.seconds / runs[_SHOW].seconds,
        )
        for what, run in runs.items()
    ]


def _generated(folder: Path, changes: int) -> Measured:
    file = folder / "generated.json"
    write_generated(file, changes)
    run = measure(_review(file, "markdown"), _variables())
    return Measured(
        what=f"{_OURS[0]} (generated)",
        changes=changes,
        file=file.stat().st_size / _MB,
        seconds=run.seconds,
        megabytes=run.megabytes,
        of_show=None,
    )


def _review(file: Path, form: str) -> list[str]:
    return [sys.executable, "-m", "iot_dr", "review", "--plans", str(file), "--format", form]


def _variables() -> dict[str, str]:
    left_out = {"ENV", "TF_CLI_CONFIG_FILE"}
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return {**kept, "CHECKPOINT_DISABLE": "1"}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.benchmarks.review",
        description="Measure the review of large plans, and Terraform and tf-peek.",
        epilog="example: python -m tools.benchmarks.review --changes 10000 --generated 1000000",
    )
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    parser.add_argument("--peer", type=Path, default=_PEER, help="tf-peek's command")
    parser.add_argument("--rounds", type=int, default=1, metavar="N", help="runs of each case")
    parser.add_argument(
        "--changes", type=int, nargs="*", default=_CHANGES, metavar="N", help="sizes of real plans"
    )
    parser.add_argument("--generated", type=int, metavar="N", help="changes of a generated plan")
    return parser


def _text(measured: Sequence[Measured]) -> str:
    head = ("REVIEW", "CHANGES", "FILE MB", "SECONDS", "OF SHOW -JSON", "MB", "OF FILE")
    rows = [
        (
            measurement.what,
            f"{measurement.changes}",
            f"{measurement.file:.0f}",
            f"{measurement.seconds:.2f}",
            "" if measurement.of_show is None else f"{measurement.of_show:.2f}",
            f"{measurement.megabytes:.0f}",
            f"{measurement.of_file:.1f}",
        )
        for measurement in measured
    ]
    return f"{columns([head, *rows], numbers=True)}\n\n{_judged(measured)}"


def _judged(measured: Sequence[Measured]) -> str:
    ours = [each for each in measured if each.what.startswith("iot-dr")]
    times = [each.of_show for each in ours if each.of_show is not None]
    sizes = [each.of_file for each in ours if each.file >= _LARGE]
    result = (
        ("time, of terraform show -json", times, _TIME),
        (f"memory, of a file of {_LARGE} MB or more", sizes, _MEMORY),
    )
    return "\n".join(
        f"{what}: {max(values):.2f} (target {target}: "
        f"{'met' if target.is_met_by(max(values)) else 'not met'})"
        for what, values, target in result
        if values
    )


def terraform(*arguments: str) -> list[str]:
    """Return the command that runs Terraform in a process of its own."""
    return [sys.executable, "-I", "-S", str(_ONCE), str(Engine.chosen({}).library), *arguments]


def make_plan(folder: Path, changes: int) -> Path:
    """Plan the creation of so many `terraform_data`, in blocks of a hundred instances each."""
    folder.mkdir(parents=True)
    blocks = {
        f"block_{number:05}": {"count": _INSTANCES, "input": _values(f"{number}-${{count.index}}")}
        for number in range(changes // _INSTANCES)
    }
    document = {"resource": {"terraform_data": blocks}}
    (folder / "main.tf.json").write_text(json.dumps(document), encoding="utf-8")
    environment = terraform_environment({})
    with closing(
        ProcessCommands(terraform(), environment, limit=OUTPUT_LIMIT, grace=GRACE_SECONDS)
    ) as commands:
        runner = Terraform(folder, commands)
        runner.init(backend=False)
        runner.plan(folder / _PLAN)
    return folder / _PLAN


def write_generated(file: Path, changes: int) -> None:
    """Write a plan's JSON of so many updates, without keeping it in memory."""
    with file.open("w", encoding="utf-8") as opened:
        opened.write('{"format_version":"1.2","terraform_version":"1.15.0"')
        opened.write(',"planned_values":{"root_module":{"resources":[')
        opened.writelines(_joined(_planned(number) for number in range(changes)))
        opened.write(']}},"resource_changes":[')
        opened.writelines(_joined(_changed(number) for number in range(changes)))
        opened.write('],"configuration":{"root_module":{}},"complete":true,"errored":false}')


def _values(name: str, ttl: int = 60) -> dict[str, Any]:
    return {"name": f"resource-{name}", "ttl": ttl, "zone": "iot.example.com", "tags": {"a": "b"}}


def _entry(number: int) -> dict[str, Any]:
    address = f"terraform_data.block_{number // _INSTANCES:05}"
    return {
        "address": f"{address}[{number % _INSTANCES}]",
        "mode": "managed",
        "type": "terraform_data",
        "name": address.partition(".")[2],
        "index": number % _INSTANCES,
        "provider_name": "terraform.io/builtin/terraform",
    }


def _planned(number: int) -> dict[str, Any]:
    values = {"id": f"{number:032x}", "input": _values(str(number), 300)}
    return {**_entry(number), "schema_version": 0, "values": values, "sensitive_values": {}}


def _changed(number: int) -> dict[str, Any]:
    before, after = (
        {"id": f"{number:032x}", "input": _values(str(number), ttl)} for ttl in (60, 300)
    )
    change: dict[str, Any] = {
        "actions": ["update"],
        "before": before,
        "after": after,
        "after_unknown": {},
    }
    masks: dict[str, Any] = {"before_sensitive": {}, "after_sensitive": {}}
    return {**_entry(number), "change": {**change, **masks}}


def _joined(entries: Iterator[dict[str, Any]]) -> Iterator[str]:
    separator = ""
    for entry in entries:
        yield separator + json.dumps(entry, separators=(",", ":"))
        separator = ","


if __name__ == "__main__":
    main()
