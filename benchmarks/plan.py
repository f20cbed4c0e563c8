"""Measures the plan of an environment beside one Terraform process for each command, and growth.

Both sides init, plan, show and apply the same stacks with the same stand-in provider, its schema
cached, in a sandbox of their own; synthesis is left out. The peer goes stack by stack, as a script
around `terraform` does, and Terraform starts the provider for each command.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.environment_files import write
from benchmarks.table import table
from environments.selection import load_all
from environments.settings import Settings
from iot_dr.synthesis import synthesize
from iot_dr.terraform.commands import Commands, ProcessCommands
from iot_dr.terraform.engine import Engine
from iot_dr.terraform.environment import terraform_environment
from iot_dr.terraform.sandbox.sandbox import Sandbox
from iot_dr.terraform.schedule import Done
from iot_dr.terraform.session import Limits, standin_session
from iot_dr.terraform.stack_plan import Walk
from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.daemon import Daemon
from iot_dr.terraform.standin.mirror import standin_environment
from iot_dr.terraform.terraform import Terraform
from iot_dr.terraform.workspace import copy_stack
from stacks.platform_graph import platform_graph

_ONCE = Path(__file__).with_name("terraform_once.py")
_JOBS = 2
_TARGET = 3.0


@dataclass(frozen=True, kw_only=True)
class Size:
    """Seconds for the stacks of one size, medians: ours, the peer, and the in-process floor."""

    size: str
    stacks: int
    ours: float
    peer: float
    floor: float

    @property
    def ratio(self) -> float:
        """How many times faster than the peer."""
        return self.peer / self.ours


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.plan",
        description="Measure the plan of an environment beside one process for each command.",
        epilog="example: python -m benchmarks.plan --rounds 5 --json > plan.json",
    )
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="runs of each case")
    options = parser.parse_args(arguments)
    sizes = [
        _measure(environments, regions, options.rounds)
        for environments, regions in ((1, 2), (1, 5), (3, 2))
    ]
    rows = [{**asdict(size), "ratio": size.ratio} for size in sizes]
    sys.stdout.write((json.dumps(rows, indent=2) if options.json else _text(sizes)) + "\n")


def _measure(environments: int, regions: int, rounds: int) -> Size:
    with TemporaryDirectory() as name:
        folder = Path(name)
        files = write(folder / "environments", "full", environments=environments, regions=regions)
        platforms = load_all("all", {}, files)
        synthesize(platforms, folder / "out")
        stacks = folder / "out" / "stacks"
        cases: dict[str, Callable[[Path], float]] = {
            "ours": lambda scratch: _ours(platforms, stacks, scratch),
            "peer": lambda scratch: _peer(platforms, stacks, scratch),
            "floor": lambda scratch: _floor(platforms, stacks, scratch),
        }
        times: dict[str, list[float]] = {case: [] for case in cases}
        for number in range(rounds):
            for case, run in cases.items():
                times[case].append(run(folder / f"{case}-{number}"))
                sys.stderr.write(f"  {environments}x{regions} {case}: {times[case][-1]:.2f} s\n")
    medians = {case: statistics.median(each) for case, each in times.items()}
    count = len([node for platform in platforms for node in platform_graph(platform).nodes])
    return Size(size=f"{environments} x {regions} regions", stacks=count, **medians)


def _ours(platforms: Sequence[Settings], stacks: Path, scratch: Path) -> float:
    start = time.monotonic()
    for settings in platforms:
        folder = scratch / settings.environment
        limits = Limits(jobs=_JOBS, timeout=None)
        with standin_session(settings, stacks, folder / "s3", folder / "work", limits) as session:
            walk = Walk(
                session=session,
                graph=platform_graph(settings),
                jobs=_JOBS,
                on_phase=lambda _node, _phase: None,
                on_outcome=lambda _outcome: None,
            )
            assert all(isinstance(each, Done) for each in walk.plan(apply=True))  # noqa: S101 - a failed run is no figure
    return time.monotonic() - start


def _peer(platforms: Sequence[Settings], stacks: Path, scratch: Path) -> float:
    start = time.monotonic()
    library = Engine.chosen({}).library
    command = [sys.executable, "-I", "-S", str(_ONCE), str(library)]
    for settings in platforms:
        with _sandbox(settings, scratch) as sandbox:
            variables = {**standin_environment(SchemaCache.default()), **sandbox.environment}
            environment = terraform_environment(variables)
            _one_by_one(settings, stacks, scratch, ProcessCommands(command, environment))
    return time.monotonic() - start


def _floor(platforms: Sequence[Settings], stacks: Path, scratch: Path) -> float:
    """Time init and plan alone, in a process that has the schema, with the provider running."""
    cache, seconds = SchemaCache.default(), 0.0
    for settings in platforms:
        with _sandbox(settings, scratch) as sandbox, Daemon(cache) as daemon:
            variables = {
                **standin_environment(cache),
                **daemon.environment,
                **sandbox.environment,
            }
            commands = Engine.chosen({}).commands(variables)
            _one_by_one(settings, stacks, scratch / "warm", commands)
            start = time.monotonic()
            for node in platform_graph(settings).nodes:
                folder = scratch / "again" / node.name
                copy_stack(stacks / node.name, folder)
                terraform = Terraform(folder, commands)
                terraform.init(backend=True)
                terraform.plan(folder / "plan")
            seconds += time.monotonic() - start
            commands.close()
    return seconds


def _sandbox(settings: Settings, scratch: Path) -> Sandbox:
    sandbox = Sandbox(scratch / settings.environment / "s3", settings.account_id)
    sandbox.create_buckets({region: settings.state_bucket(region) for region in settings.regions})
    return sandbox


def _one_by_one(settings: Settings, stacks: Path, scratch: Path, commands: Commands) -> None:
    for node in platform_graph(settings).nodes:
        folder = scratch / node.name
        copy_stack(stacks / node.name, folder)
        terraform = Terraform(folder, commands)
        terraform.init(backend=True)
        terraform.plan(folder / "plan")
        terraform.show(folder / "plan")
        terraform.apply(folder / "plan")


def _text(sizes: Sequence[Size]) -> str:
    head = ("SIZE", "STACKS", "OURS s", "PEER s", "RATIO", "TARGET", "FLOOR s")
    rows = [
        (
            each.size,
            str(each.stacks),
            f"{each.ours:.2f}",
            f"{each.peer:.2f}",
            f"{each.ratio:.1f}",
            f">= {_TARGET:g}",
            f"{each.floor:.2f}",
        )
        for each in sizes
    ]
    return table(head, rows)


if __name__ == "__main__":
    os.environ.pop("TF_CLI_CONFIG_FILE", None)
    main()
