"""Measures the plan of an environment against a Terraform process per command and a floor.

Both sides init, plan and show the same stacks and apply those whose outputs another one reads, with
the same stand-in provider, its schema cached, in a sandbox of their own; synthesis is not measured.
The peer runs stack by stack, like a script around `terraform`, and Terraform starts the provider
for each command. The whole command, `iot-dr plan`, is compared with init and plan only.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from environments.loader import load
from environments.settings import Settings
from iot_dr.cli.text import columns
from iot_dr.delivery.session import RunLimits, standin_session
from iot_dr.delivery.stack_plan import StackPlanner
from iot_dr.generate.synthesis import synthesize
from iot_dr.terraform.commands import GRACE_SECONDS, Commands, ProcessCommands
from iot_dr.terraform.engine import Engine
from iot_dr.terraform.environment import terraform_environment
from iot_dr.terraform.process_output import OUTPUT_LIMIT
from iot_dr.terraform.sandbox.sandbox import Sandbox
from iot_dr.terraform.schedule import Done
from iot_dr.terraform.stack_document import StackDocument
from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.daemon import Daemon
from iot_dr.terraform.standin.mirror import standin_environment
from iot_dr.terraform.terraform import Terraform
from iot_dr.terraform.workspace import copy_stack
from stacks.platform_graph import platform_graph
from tools.benchmarks.bindings import warm
from tools.benchmarks.environment_files import FOLDER, project_in
from tools.benchmarks.growth import resources
from tools.benchmarks.interleave import interleave, median
from tools.benchmarks.process_tree import CommandError, Run, measure
from tools.benchmarks.target import Target

_ONCE = Path(__file__).with_name("terraform_once.py")
_JOBS = 2
_FASTER = Target(6)
_ABOVE_FLOOR = Target(2.5, is_upper=True)


@dataclass(frozen=True, kw_only=True)
class Timings:
    """Medians, in seconds, for the stacks of `core` or `full`."""

    settings: str
    stacks: int
    resources: int
    ours: float
    peer: float
    command: float
    """The whole of `iot-dr plan`, with full caches."""
    floor: float
    """Init and plan only, in a process that has the schema, with the provider running."""

    @property
    def faster(self) -> float:
        """How many times faster than the peer."""
        return self.peer / self.ours

    @property
    def above_floor(self) -> float:
        """The whole command as a multiple of the floor."""
        return self.command / self.floor


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.benchmarks.plan",
        description="Measure the plan of an environment, and one process for each command.",
        epilog="example: python -m tools.benchmarks.plan --rounds 5 --json > plan.json",
    )
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="runs of each case")
    options = parser.parse_args(arguments)
    try:
        timings = [_measure(name, options.rounds) for name in ("core", "full")]
    except CommandError as error:
        sys.exit(f"error: {error}")
    rows = [
        {**asdict(each), "faster": each.faster, "above_floor": each.above_floor} for each in timings
    ]
    sys.stdout.write((json.dumps(rows, indent=2) if options.json else _text(timings)) + "\n")


def _measure(name: str, rounds: int) -> Timings:
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        settings = load(name, {}, FOLDER)
        synthesize([settings], folder / "out")
        stacks = folder / "out" / "stacks"
        cases: dict[str, Callable[[], Run]] = {
            "ours": lambda: _ours(settings, stacks),
            "peer": lambda: _peer(settings, stacks),
            "command": partial(_command, name, warm("fast") | project_in(folder / "path")),
            "floor": lambda: _floor(settings, stacks),
        }
        cases["command"]()
        medians = {case: median(runs).seconds for case, runs in interleave(cases, rounds).items()}
        count = resources(folder / "out")
    return Timings(
        settings=name, stacks=len(platform_graph(settings).nodes), resources=count, **medians
    )


def _command(name: str, environ: dict[str, str]) -> Run:
    script = Path(sys.executable).with_name("iot-dr")
    # Progress goes to stderr, where `measure` expects nothing.
    shell = ["sh", "-c", 'exec "$0" "$@" 2>&1']
    options = ("--env", name, "--provider", "standin", "--jobs", str(_JOBS))
    return measure([*shell, str(script), "plan", *options], environ)


def _ours(settings: Settings, stacks: Path) -> Run:
    with TemporaryDirectory() as scratch:
        folder, start = Path(scratch), time.monotonic()
        limits = RunLimits(jobs=_JOBS, timeout=None)
        with standin_session(settings, stacks, folder / "s3", folder / "work", limits) as session:
            planner = StackPlanner(
                session=session,
                graph=platform_graph(settings),
                jobs=_JOBS,
                on_phase=lambda _node, _phase: None,
                on_outcome=lambda _outcome: None,
                is_temporary=True,
            )
            assert all(isinstance(each, Done) for each in planner.plan(apply=True))  # noqa: S101 - a failed run is not a result
        return Run(time.monotonic() - start, 0)


def _peer(settings: Settings, stacks: Path) -> Run:
    library = Engine.chosen({}).library
    command = [sys.executable, "-I", "-S", str(_ONCE), str(library)]
    with TemporaryDirectory() as scratch:
        folder, start = Path(scratch), time.monotonic()
        with _sandbox(settings, folder) as sandbox:
            variables = {**standin_environment(SchemaCache.default()), **sandbox.environment}
            environment = terraform_environment(variables)
            commands = ProcessCommands(
                command, environment, limit=OUTPUT_LIMIT, grace=GRACE_SECONDS
            )
            _one_by_one(settings, stacks, folder, commands)
        return Run(time.monotonic() - start, 0)


def _floor(settings: Settings, stacks: Path) -> Run:
    cache = SchemaCache.default()
    with (
        TemporaryDirectory() as scratch,
        _sandbox(settings, Path(scratch)) as sandbox,
        Daemon(cache) as daemon,
    ):
        variables = {
            **standin_environment(cache),
            **daemon.environment,
            **sandbox.environment,
        }
        commands = Engine.chosen({}).commands(variables)
        _one_by_one(settings, stacks, Path(scratch, "warm"), commands)
        start = time.monotonic()
        for node in platform_graph(settings).nodes:
            folder = Path(scratch, "again", node.name)
            copy_stack(stacks / node.name, folder)
            terraform = Terraform(folder, commands)
            terraform.init(backend=True)
            terraform.plan(folder / "plan")
        seconds = time.monotonic() - start
        commands.close()
    return Run(seconds, 0)


def _sandbox(settings: Settings, scratch: Path) -> Sandbox:
    sandbox = Sandbox(scratch / "s3", settings.account_id)
    sandbox.create_buckets(settings.state_buckets)
    return sandbox


def _one_by_one(settings: Settings, stacks: Path, scratch: Path, commands: Commands) -> None:
    nodes = platform_graph(settings).nodes
    read = {
        config["key"]
        for node in nodes
        for config in StackDocument.read(stacks / node.name).reads.values()
    }
    for node in nodes:
        folder = scratch / node.name
        copy_stack(stacks / node.name, folder)
        terraform = Terraform(folder, commands)
        terraform.init(backend=True)
        terraform.plan(folder / "plan")
        terraform.show(folder / "plan")
        if StackDocument.read(folder).location.key in read:
            terraform.apply(folder / "plan")


def _text(timings: Sequence[Timings]) -> str:
    head = (
        *("SETTINGS", "STACKS", "RESOURCES", "OURS s", "PEER s", "RATIO", "TARGET"),
        *("COMMAND s", "FLOOR s", "RATIO", "TARGET"),
    )
    rows = [
        (
            *(timing.settings, str(timing.stacks), str(timing.resources)),
            *(f"{timing.ours:.2f}", f"{timing.peer:.2f}"),
            *(f"{timing.faster:.1f}", str(_FASTER), f"{timing.command:.2f}", f"{timing.floor:.2f}"),
            *(f"{timing.above_floor:.2f}", str(_ABOVE_FLOOR) if timing.settings == "core" else "-"),
        )
        for timing in timings
    ]
    return columns([head, *rows], numbers=True)


if __name__ == "__main__":
    os.environ.pop("TF_CLI_CONFIG_FILE", None)
    main()
