"""Measures the emission of all modules, and their plan, compared with synthesis and the app's plan.

The plans are of applied resources: the platform's complete example, and the stacks of the same
environment one after the other, both without a change. Both have Terraform in process, the stand-in
provider running and its schema cached; `init` is not measured.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from environments.loader import load
from environments.settings import Settings
from iot_dr.cli.text import columns
from iot_dr.emit.catalogue import CATALOGUE
from iot_dr.emit.emission import emit
from iot_dr.generate.synthesis import synthesize
from iot_dr.terraform.commands import Commands
from iot_dr.terraform.engine import Engine
from iot_dr.terraform.sandbox.sandbox import Sandbox
from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.daemon import Daemon
from iot_dr.terraform.standin.mirror import standin_environment
from iot_dr.terraform.terraform import PlanStatus, Terraform
from iot_dr.terraform.workspace import copy_stack
from stacks.platform_graph import platform_graph
from tools.benchmarks.bindings import warm
from tools.benchmarks.environment_files import FOLDER, project_in
from tools.benchmarks.interleave import interleave, median
from tools.benchmarks.process_tree import CommandError, measure
from tools.benchmarks.target import Target

_EMISSION = Target(3)
_PLAN = Target(1.5, is_upper=True)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Medians in seconds of ours and of the peer from the same rounds, and their ratio."""

    claim: str
    ours: float
    peer: float
    ratio: float
    target: str
    is_met: bool


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.benchmarks.emit",
        description="Measure the emission of modules, and their plan and the app's.",
        epilog="example: python -m tools.benchmarks.emit --rounds 5 --json > emit.json",
    )
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="runs of each case")
    options = parser.parse_args(arguments)
    try:
        claims = [_emission(options.rounds), _plan(options.rounds)]
    except CommandError as error:
        sys.exit(f"error: {error}")
    result = (
        json.dumps([asdict(each) for each in claims], indent=2) if options.json else _text(claims)
    )
    sys.stdout.write(result + "\n")


def _emission(rounds: int) -> Claim:
    with TemporaryDirectory() as folder:
        numbers = count()
        command = [str(Path(sys.executable).with_name("iot-dr"))]
        path = project_in(Path(folder))

        def ours() -> Sequence[str]:
            return [*command, "emit", "--all", "--out", f"{folder}/modules-{next(numbers)}"]

        stock = [*command, "synth", "--env", "full", "--out", f"{folder}/stacks"]
        cases = {
            "emit --all": lambda: measure(ours(), warm("fast") | path),
            "stock synth": partial(measure, stock, warm("stock") | path),
        }
        for case in cases.values():
            case()
        emitted, synthesized = map(median, interleave(cases, rounds).values())
    ratio = synthesized.seconds / emitted.seconds
    return _claim(
        "stock synth of one environment / all modules",
        emitted.seconds,
        synthesized.seconds,
        ratio,
        _EMISSION,
    )


def _plan(rounds: int) -> Claim:
    cache = SchemaCache.default()
    # The platform has no pipeline, and its state is the caller's.
    settings = load("full", {}, FOLDER).model_copy(update={"pipeline": None})
    with TemporaryDirectory() as name, Daemon(cache) as daemon:
        folder = Path(name)
        variables = {**standin_environment(cache), **daemon.environment}
        with Sandbox(folder / "s3", settings.account_id) as sandbox:
            sandbox.create_buckets(settings.state_buckets)
            of_app = Engine.chosen({}).commands({**variables, **sandbox.environment})
            of_module = Engine.chosen({}).commands(variables)
            cases = {
                "platform": partial(_seconds, [_module(folder, of_module)]),
                "app": partial(_seconds, _stacks(settings, folder, of_app)),
            }
            times = _interleaved(cases, rounds)
            of_app.close()
            of_module.close()
    ours, peer = times["platform"], times["app"]
    return _claim("plan of the platform / of the app's stacks", ours, peer, ours / peer, _PLAN)


def _interleaved(cases: dict[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in cases}
    for number in range(rounds):
        for name in list(cases)[:: -1 if number % 2 else 1]:
            times[name].append(cases[name]())
            sys.stderr.write(f"  round {number + 1} of {rounds}: {name}: {times[name][-1]:.2f} s\n")
    return {name: statistics.median(each) for name, each in times.items()}


def _module(folder: Path, commands: Commands) -> Terraform:
    emit(list(CATALOGUE), folder / "modules", force=False)
    return _applied(
        Terraform(folder / "modules" / "examples" / "complete", commands), backend=False
    )


def _stacks(settings: Settings, folder: Path, commands: Commands) -> list[Terraform]:
    synthesize([settings], folder / "out")
    applied: list[Terraform] = []
    for node in platform_graph(settings).nodes:
        work = folder / "work" / node.name
        copy_stack(folder / "out" / "stacks" / node.name, work)
        applied.append(_applied(Terraform(work, commands), backend=True))
    return [each for each in applied if not each.folder.name.endswith("-state")]


def _applied(terraform: Terraform, *, backend: bool) -> Terraform:
    terraform.init(backend=backend)
    terraform.plan(terraform.folder / "plan")
    terraform.apply(terraform.folder / "plan")
    return terraform


def _seconds(folders: Sequence[Terraform]) -> float:
    start = time.monotonic()
    for terraform in folders:
        status = terraform.plan(terraform.folder / "again")
        assert status is PlanStatus.UNCHANGED  # noqa: S101 - another plan is not a result
    return time.monotonic() - start


def _claim(claim: str, ours: float, peer: float, ratio: float, target: Target) -> Claim:
    return Claim(
        claim=claim,
        ours=ours,
        peer=peer,
        ratio=ratio,
        target=str(target),
        is_met=target.is_met_by(ratio),
    )


def _text(claims: Sequence[Claim]) -> str:
    head = ("CLAIM", "OURS s", "PEER s", "RATIO", "TARGET", "MET")
    rows = [
        (
            claim.claim,
            f"{claim.ours:.2f}",
            f"{claim.peer:.2f}",
            f"{claim.ratio:.2f}",
            claim.target,
            "yes" if claim.is_met else "no",
        )
        for claim in claims
    ]
    return columns([head, *rows], numbers=True)


if __name__ == "__main__":
    main()
