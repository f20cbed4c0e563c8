"""Judges generated mutants of an environment's design, and prints which stage decided how many.

A mutant changes one argument of a synthesized resource on the path of devices or of their data, in
one region or in all, or removes the resource. Each must be refused, disproved or named by a stage,
or be shown to be equivalent (docs/reference/measurements.md).
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Final, TypeVar

from environments.errors import SettingsError
from environments.loader import load
from environments.settings import Settings
from iot_dr.common.signals import end_by_signals
from iot_dr.common.user_error import UserError
from iot_dr.terraform.standin.cache import SchemaCache
from tools.benchmarks.design_mutants.data_path import data_path
from tools.benchmarks.design_mutants.design import BaseDesign
from tools.benchmarks.design_mutants.device_path import failover_path
from tools.benchmarks.design_mutants.generation import Generated, Part, generate, whole_path
from tools.benchmarks.design_mutants.harmless import Harmless, harmless_changes, judged
from tools.benchmarks.design_mutants.report import (
    Progress,
    are_harmless,
    as_json,
    as_text,
    is_explained,
)
from tools.benchmarks.design_mutants.stages import Decision, Outcome, Stages

_T = TypeVar("_T")

PARTS: Final[Mapping[str, Part]] = {
    "whole": whole_path,
    "failover": failover_path,
    "data": data_path,
}
"""Parts of a design whose resources are changed, by the value of `--part`."""

MOST: Final = 60
"""Rehearsals of one run, about a minute each."""

_INTERRUPTED: Final = 130


def main(arguments: Sequence[str] | None = None) -> None:
    """Judge and print.

    Exits with 1 if a mutant is silent, if some are equivalent for 40 reasons, or if a harmless
    change is blocked or disproved, with 2 for an error, with 130 for Ctrl-C.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.sample is not None and options.sample < 1:
        parser.error(f"--sample {options.sample}: must be 1 or more")
    if not 0 <= options.drill <= MOST:
        parser.error(f"--drill {options.drill}: must be 0 to {MOST}")
    try:
        settings = chosen_settings(options)
        with tempfile.TemporaryDirectory(prefix="design-mutants-") as name:
            design = BaseDesign.synthesized(settings, Path(name, "out"))
            part = PARTS[options.part]
            generated, outcomes = _outcomes(design, part, options.sample, options.seed)
            outcomes = _rehearsed(design, outcomes, options.drill, options.seed)
            harmless = _harmless(design, options.sample, options.seed)
    except (UserError, SettingsError) as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    show = as_json if options.json else as_text
    sys.stdout.write(f"{show(settings.environment, generated, outcomes, harmless)}\n")
    sys.exit(not (is_explained(outcomes) and are_harmless(harmless)))


def chosen_settings(options: argparse.Namespace) -> Settings:
    """Return the settings of the environment that the options name."""
    file: Path | None = options.settings
    return load(file.stem, folder=file.parent) if file else load(options.env)


def _outcomes(
    design: BaseDesign, part: Part, sample: int | None, seed: int
) -> tuple[Generated, Sequence[Outcome]]:
    schema = SchemaCache.default()
    generated = generate(design, schema, part)
    chosen = sampled(generated.mutants, sample, seed)
    stages, progress = Stages(design, schema), Progress(len(chosen))
    outcomes = list[Outcome]()
    for mutant in chosen:
        outcomes.append(stages.outcome(mutant))
        progress.judged(outcomes[-1])
    progress.end()
    return generated, outcomes


def _harmless(
    design: BaseDesign, sample: int | None, seed: int
) -> Sequence[tuple[Harmless, Decision]]:
    chosen = sampled([*harmless_changes(design, SchemaCache.default())], sample, seed)
    return [(change, judged(design, change)) for change in chosen]


def _rehearsed(
    design: BaseDesign, outcomes: Sequence[Outcome], count: int, seed: int
) -> Sequence[Outcome]:
    if not count:
        return outcomes
    # The packages of the drill are an extra.
    from tools.benchmarks.design_mutants.drilling import (  # noqa: PLC0415 - see above
        candidates,
        check_without_mutant,
        rehearsed,
    )

    check_without_mutant(design, seed)
    chosen = candidates(outcomes, count, seed)
    progress = Progress(len(chosen))
    results = {outcome.mutant.id: outcome for outcome in outcomes}
    for outcome in chosen:
        results[outcome.mutant.id] = rehearsed(design, outcome, seed)
        progress.judged(results[outcome.mutant.id])
    progress.end()
    return [*results.values()]


def sampled(mutants: Sequence[_T], count: int | None, seed: int) -> Sequence[_T]:
    """Return a sample that depends on the seed alone; everything if `count` is None."""
    if count is None or count >= len(mutants):
        return mutants
    # No secret depends on it.
    numbers = Random(seed).sample(range(len(mutants)), count)  # noqa: S311 - see above
    return [mutants[number] for number in sorted(numbers)]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.benchmarks.design_mutants",
        description="Judge generated mutants of an environment's design.",
        epilog="example: python -m tools.benchmarks.design_mutants --sample 100 --seed 7",
    )
    add_source(parser)
    parser.add_argument(
        "--part", choices=PARTS, default="whole", help="resources to change (default: whole)"
    )
    parser.add_argument(
        "--drill", type=int, default=0, metavar="N", help="rehearse N of those that passed"
    )
    return parser


def add_source(parser: argparse.ArgumentParser) -> None:
    """Add the options that select an environment and a sample of its mutants."""
    source = parser.add_mutually_exclusive_group()
    environment = os.environ.get("ENV") or "dev"
    source.add_argument("--env", default=environment, metavar="NAME", help="default: ENV, or dev")
    source.add_argument("--settings", type=Path, metavar="FILE", help="an environment's file")
    parser.add_argument("--sample", type=int, metavar="N", help="judge only N mutants")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the sample")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")


if __name__ == "__main__":
    end_by_signals()
    main()
