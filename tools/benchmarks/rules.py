"""Measures `iot-dr check` on a large estate, compared with checkov on the same files in one run.

The time per rule and resource is the time beyond a run on one environment's files, divided by the
applicable rules and the added resources. Ours that need a plan or settings are not applicable here.
checkov runs without network on its built-in policies; those with a result here count for it. The
target is for the whole run, start included. A second table has the CPU seconds of `check` and
`prove` for 20,000 records, of many names and of one, and how they grow.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from environments.loader import load
from environments.settings import Settings
from iot_dr.cli.text import columns
from iot_dr.generate.synthesis import synthesize
from iot_dr.rules.catalogue import RULES
from tools.benchmarks.environment_files import FOLDER
from tools.benchmarks.interleave import interleave, median
from tools.benchmarks.process_tree import CommandError, measure
from tools.benchmarks.record_growth import grown, grown_text
from tools.benchmarks.target import Target

# Numbers of equal length, which occur in no other word of the design.
_NAME = "copy{:04d}"


def _write_estate(folder: Path, resources: int) -> int:
    """Write whole environments with at least so many resources; return the number of resources."""
    name = _NAME.format(0)
    settings = Settings.model_validate(
        {**load("full", {}, FOLDER).model_dump(), "environment": name}
    )
    with TemporaryDirectory() as scratch:
        out = Path(scratch, "out")
        stacks = synthesize([settings], out)
        texts = {each.node.name: (out / each.file).read_text(encoding="utf-8") for each in stacks}
    each_has = sum(stack.resources for stack in stacks)
    count = -(-resources // each_has)
    for number in range(count):
        copy = _NAME.format(number)
        for stack, text in texts.items():
            file = folder / stack.replace(name, copy) / "cdk.tf.json"
            file.parent.mkdir(parents=True)
            file.write_text(text.replace(name, copy), encoding="utf-8")
    return count * each_has


_RESOURCES = 10_000
_TARGET = Target(2.0, is_upper=True)
_PEER = Path(".venv-bench/bin/checkov")
_REPORT = "results_json.json"
# It checks the settings of an environment, which files alone do not contain.
_NEEDS_SETTINGS = "recovery-over-target"


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Median seconds of whole processes on all files (`seconds`) and on one environment's."""

    what: str
    seconds: float
    small: float
    megabytes: float
    rules: int
    resources: int
    added: int

    @property
    def microseconds(self) -> float:
        """The time of one rule for one more resource."""
        return (self.seconds - self.small) / (self.rules * self.added) * 1e6


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print; a round takes about a minute."""
    options = _parser().parse_args(arguments)
    if not options.peer.is_file():
        sys.exit(f"error: {options.peer}: no checkov here; `make bench-rules` installs it")
    try:
        measured = _measure(options.peer, options.rounds)
        with TemporaryDirectory() as name:
            records = grown(Path(name), ("check", "prove"), _variables())
    except CommandError as error:
        sys.exit(f"error: {error}")
    text = json.dumps([asdict(each) for each in (*measured, *records)], indent=2)
    tables = f"{_text(*measured)}\n\n{grown_text(records)}"
    sys.stdout.write((text if options.json else tables) + "\n")


def _measure(peer: Path, rounds: int) -> tuple[Measured, Measured]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        small, large = folder / "small", folder / "large"
        few, many = _write_estate(small, 1), _write_estate(large, _RESOURCES)
        commands: dict[str, Callable[[Path], list[str]]] = {
            "iot-dr": _ours,
            "checkov": partial(_checkov, peer, folder),
        }
        cases = {
            f"{what}, {files.name}": partial(measure, command(files), _variables())
            for what, command in commands.items()
            for files in (small, large)
        }
        runs = interleave(cases, rounds)
        rules = {"iot-dr": _rules_that_judge(), "checkov": _rule_count(folder)}
    ours, theirs = (
        Measured(
            what=what,
            seconds=median(runs[f"{what}, large"]).seconds,
            small=median(runs[f"{what}, small"]).seconds,
            megabytes=median(runs[f"{what}, large"]).megabytes,
            rules=rules[what],
            resources=many,
            added=many - few,
        )
        for what in ("iot-dr", "checkov")
    )
    return ours, theirs


def _ours(files: Path) -> list[str]:
    return [sys.executable, "-m", "iot_dr", "check", "--json", str(files)]


def _checkov(peer: Path, folder: Path, files: Path) -> list[str]:
    options = ["--framework", "terraform_json", "--skip-download", "--compact", "--soft-fail"]
    report = ["--output", "json", "--output-file-path", str(folder / files.name / "report")]
    return [str(peer), "--directory", str(files), *options, *report]


def _variables() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "ENV"}


def _rules_that_judge() -> int:
    return sum(not rule.needs_plan and rule.id != _NEEDS_SETTINGS for rule in RULES)


def _rule_count(folder: Path) -> int:
    """Count the policies with a result in checkov's report."""
    report = json.loads((folder / "large" / "report" / _REPORT).read_text(encoding="utf-8"))
    results = report["results"]
    judged = [*results["passed_checks"], *results["failed_checks"]]
    return len({each["check_id"] for each in judged})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.benchmarks.rules",
        description="Measure the rules on 10,000 resources, and checkov.",
        epilog="example: python -m tools.benchmarks.rules --rounds 1 --json > rules.json",
    )
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    parser.add_argument("--peer", type=Path, default=_PEER, help="checkov's command")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="runs of each case")
    return parser


def _text(ours: Measured, theirs: Measured) -> str:
    head = ("RULES", "SECONDS", "ONE ENV", "MB", "RULES", "RESOURCES", "us/RULE AND RESOURCE")
    rows = [
        (
            tool.what,
            f"{tool.seconds:.2f}",
            f"{tool.small:.2f}",
            f"{tool.megabytes:.0f}",
            str(tool.rules),
            str(tool.resources),
            f"{tool.microseconds:.2f}",
        )
        for tool in (ours, theirs)
    ]
    met = "met" if _TARGET.is_met_by(ours.seconds) else "not met"
    return (
        f"{columns([head, *rows], numbers=True)}\n\n"
        f"a rule and resource: {theirs.microseconds / ours.microseconds:.0f} times as fast\n"
        f"seconds for {ours.resources} resources, start included: "
        f"{ours.seconds:.2f} (target {_TARGET}: {met})"
    )


if __name__ == "__main__":
    main()
