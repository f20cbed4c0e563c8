"""Measures what `terraform validate` and checkov detect of a sample of the same mutants.

Terraform runs with an official provider from a mirror on disk, checkov with its built-in policies
and no network. A mutant is detected if a changed stack has an error or a failed policy that it does
not have without the mutant. A mutant whose argument the official provider's version does not have
is left out of Terraform's count.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from environments.errors import SettingsError
from iot_dr.cli.text import columns
from iot_dr.common.user_error import UserError
from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform_json.json_value import Json
from tools.benchmarks.design_mutants.__main__ import add_source, chosen_settings, sampled
from tools.benchmarks.design_mutants.design import BaseDesign, Mutant
from tools.benchmarks.design_mutants.generation import generate
from tools.benchmarks.design_mutants.stages import FOUND, Outcome, Result, Stages

_CHECKOV: Final = Path(".venv-bench/bin/checkov")
_UNKNOWN: Final = ("Unsupported argument", "Unsupported block type", "Extraneous JSON object")
_WRONG: Final = (Result.REFUSED, *FOUND)


@dataclass(kw_only=True)
class Tool:
    """The mutants that a tool detected, those that it could not judge, and its seconds."""

    name: str
    seconds: float = 0.0
    detected: set[str] = field(default_factory=set[str])
    not_judged: set[str] = field(default_factory=set[str])


def main(arguments: Sequence[str] | None = None) -> None:
    """Judge the sample with each tool and print; 100 mutants take some ten minutes."""
    options = _parser().parse_args(arguments)
    try:
        settings = chosen_settings(options)
        with tempfile.TemporaryDirectory(prefix="mutant-peers-") as name:
            folder, schema = Path(name), SchemaCache.default()
            design = BaseDesign.synthesized(settings, folder / "out")
            mutants = sampled(generate(design, schema).mutants, options.sample, options.seed)
            stages = Stages(design, schema)
            outcomes = [stages.outcome(mutant) for mutant in mutants]
            tools = [_ours(outcomes)]
            if options.mirror:
                tools.append(_terraform(design, mutants, folder / "terraform", options))
            tools.append(_checkov(design, mutants, folder / "checkov", options.checkov))
    except (UserError, SettingsError, OSError, subprocess.SubprocessError) as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(2)
    show = _as_json if options.json else _as_text
    sys.stdout.write(f"{show(outcomes, tools)}\n")


def _ours(outcomes: Sequence[Outcome]) -> Tool:
    return Tool(
        name="iot-dr",
        seconds=sum(sum(outcome.seconds.values()) for outcome in outcomes),
        detected={outcome.mutant.id for outcome in outcomes if outcome.result in _WRONG},
    )


def _terraform(
    design: BaseDesign, mutants: Sequence[Mutant], folder: Path, options: argparse.Namespace
) -> Tool:
    tool = Tool(name="terraform validate")
    validator = _Validator(folder, options.terraform, options.mirror)
    base = {name: validator.errors(name, each) for name, each in design.documents.items()}
    started = time.perf_counter()
    for mutant in mutants:
        for name, document in design.mutated_documents(mutant).items():
            errors = validator.errors(name, document) - base[name]
            unknown = {error for error in errors if error.startswith(_UNKNOWN)}
            if errors - unknown:
                tool.detected.add(mutant.id)
            elif unknown:
                tool.not_judged.add(mutant.id)
    tool.not_judged -= tool.detected
    tool.seconds = time.perf_counter() - started
    return tool


class _Validator:
    """Runs `terraform validate` in one folder for each stack, initialized once."""

    def __init__(self, folder: Path, terraform: str, mirror: Path) -> None:
        self._folder, self._terraform = folder, terraform
        folder.mkdir()
        configuration = folder / "terraform.rc"
        block = f'  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n'
        configuration.write_text(f"provider_installation {{\n{block}}}\n", encoding="utf-8")
        self._environ = {
            **{name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ},
            "TF_CLI_CONFIG_FILE": str(configuration),
            "CHECKPOINT_DISABLE": "1",
        }

    def errors(self, name: str, document: Mapping[str, Json]) -> set[str]:
        """Return the errors in a stack, without those that its values are repeated in."""
        at = self._folder / name
        is_new = not at.exists()
        at.mkdir(exist_ok=True)
        # Whatever version the mirror has.
        terraform = {**document["terraform"], "required_providers": {"aws": {"source": "aws"}}}
        text = json.dumps({**document, "terraform": terraform})
        (at / "cdk.tf.json").write_text(text, encoding="utf-8")
        if is_new:
            self._run(at, "init", "-backend=false", "-input=false")
        report = json.loads(self._run(at, "validate", "-json", may_fail=True))
        return set(_texts(report["diagnostics"]))

    def _run(self, at: Path, *arguments: str, may_fail: bool = False) -> str:
        result = subprocess.run(  # noqa: S603 - the benchmark's own command
            [self._terraform, *arguments],
            cwd=at,
            env=self._environ,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode and not may_fail:
            message = f"terraform {arguments[0]}: {result.stderr[-500:]}"
            raise OSError(message)
        return result.stdout


def _texts(diagnostics: Sequence[Json]) -> Iterator[str]:
    for problem in diagnostics:
        if problem["severity"] == "error":
            yield f"{problem['summary']}: {problem.get('address')}: {problem['detail']}"


def _checkov(design: BaseDesign, mutants: Sequence[Mutant], folder: Path, command: Path) -> Tool:
    tool = Tool(name="checkov")
    base = folder / "base"
    for name, document in design.documents.items():
        _write(base / name, document)
    for number, mutant in enumerate(mutants):
        for name, document in design.mutated_documents(mutant).items():
            _write(folder / str(number) / name, document)
    started = time.perf_counter()
    failed = _failed(command, folder)
    tool.seconds = time.perf_counter() - started
    for number, mutant in enumerate(mutants):
        for name in {edit.stack for edit in mutant.edits}:
            if failed.get(f"{number}/{name}", set()) - failed.get(f"base/{name}", set()):
                tool.detected.add(mutant.id)
    return tool


def _write(folder: Path, document: Json) -> None:
    folder.mkdir(parents=True)
    (folder / "cdk.tf.json").write_text(json.dumps(document), encoding="utf-8")


def _failed(command: Path, folder: Path) -> dict[str, set[tuple[str, str]]]:
    """Return by folder the failed policies, each with its resource."""
    options = ("--framework", "terraform_json", "--skip-download", "--compact", "--soft-fail")
    report = folder.with_name("report")
    subprocess.run(  # noqa: S603 - the benchmark's own command
        [
            *(str(command), "--directory", str(folder), *options),
            *("--output", "json", "--output-file-path", str(report)),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    results = json.loads((report / "results_json.json").read_text(encoding="utf-8"))["results"]
    failed = dict[str, set[tuple[str, str]]]()
    for check in results["failed_checks"]:
        at = "/".join(Path(check["file_path"]).parts[-3:-1])
        failed.setdefault(at, set()).add((check["check_id"], check["resource"]))
    return failed


def _as_text(outcomes: Sequence[Outcome], tools: Sequence[Tool]) -> str:
    wrong = {outcome.mutant.id for outcome in outcomes if outcome.result in _WRONG}
    equivalent = {outcome.mutant.id for outcome in outcomes if outcome.result is Result.EQUIVALENT}
    rows = [
        (
            tool.name,
            str(len(outcomes) - len(tool.not_judged)),
            f"{len(tool.detected & wrong)} of {len(wrong - tool.not_judged)}",
            f"{len(tool.detected & equivalent)} of {len(equivalent - tool.not_judged)}",
            f"{tool.seconds:.1f}",
            f"{tool.seconds / len(outcomes) * 1000:.0f}",
        )
        for tool in tools
    ]
    head = ("TOOL", "JUDGED", "WRONG DETECTED", "EQUIVALENT DETECTED", "SECONDS", "MS EACH")
    return columns([head, *rows], numbers=True)


def _as_json(outcomes: Sequence[Outcome], tools: Sequence[Tool]) -> str:
    mutants = [
        {
            "id": outcome.mutant.id,
            "result": outcome.result,
            "detected": [tool.name for tool in tools if outcome.mutant.id in tool.detected],
            "not_judged": [tool.name for tool in tools if outcome.mutant.id in tool.not_judged],
        }
        for outcome in outcomes
    ]
    seconds = {tool.name: asdict(tool)["seconds"] for tool in tools}
    return json.dumps({"seconds": seconds, "mutants": mutants}, indent=2)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.benchmarks.design_mutants.peers",
        description="Measure what terraform validate and checkov detect of the same mutants.",
        epilog="example: python -m tools.benchmarks.design_mutants.peers --mirror /opt/tf-plugins",
    )
    add_source(parser)
    parser.set_defaults(sample=100)
    parser.add_argument("--mirror", type=Path, metavar="FOLDER", help="a mirror of hashicorp/aws")
    parser.add_argument("--terraform", default="terraform", metavar="COMMAND", help="Terraform")
    parser.add_argument(
        "--checkov", type=Path, default=_CHECKOV, metavar="COMMAND", help="checkov's command"
    )
    return parser


if __name__ == "__main__":
    main()
