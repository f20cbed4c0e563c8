"""Measures how many faults the tests find: plants one after the other, and runs the tests for it.

The faults of `code_mutants.toml` would break a failover. Each is planted into a copy of the
working tree, and the tests of its package run until one fails: those that mirror the changed file
first, then the snapshots, then those that name it most. A fault is `killed` if a test fails,
`timeout` if the tests do not end, otherwise it has `survived`. All must apply before the first is
planted, so a refactoring that moves code must update them.

The score must not drop below that of commit 67aacaa (with the `benchmarks` of 964f6c0):

    PACKAGE          FAULTS  KILLED  TIMEOUT  SURVIVED
    modules              13      13        0         0
    stacks               11      10        0         1
    iot_dr.rules         12      11        0         1
    iot_dr.forecast      10      10        0         0
    iot_dr.review        14      12        0         2
    all                  60      56        0         4

`pipeline-role-changes-pipelines`, `check-by-address-judged`, `longer-ttl-is-harmless` and
`waiting-for-every-stack` survived there.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from iot_dr.cli.text import columns
from iot_dr.common.signals import end_by_signals
from tools.benchmarks.mutation import Mutation, MutationError, mutations
from tools.benchmarks.mutation_trial import Outcome, Trial, package_of

_TIMEOUT: Final = 3600
_INTERRUPTED: Final = 130


def main(arguments: Sequence[str] | None = None) -> None:
    """Plant the faults and print the score.

    Exits with 1 if a fault survived, with 2 for an error, with 130 for Ctrl-C.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    chosen = [each for each in mutations() if not options.only or each.name in options.only]
    if unknown := sorted({*options.only} - {each.name for each in chosen}):
        parser.error(f"no such fault: {', '.join(unknown)}")
    end_by_signals()
    try:
        with TemporaryDirectory(prefix="code-mutants-") as name:
            outcomes = _outcomes(Trial(Path(name), options.timeout, options.resume), chosen)
    except (MutationError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    made = [asdict(each) for each in outcomes]
    sys.stdout.write(f"{json.dumps(made, indent=2) if options.json else _text(outcomes)}\n")
    sys.exit(any(each.result == "survived" for each in outcomes))


def _outcomes(trial: Trial, chosen: Sequence[Mutation]) -> list[Outcome]:
    for mutation in chosen:
        mutation.applied(trial.tree)
    sys.stderr.write("  the tests without a fault ...\n")
    before = trial.unmutated(dict.fromkeys(package_of(each.at) for each in chosen))
    if before.result != "survived":
        raise MutationError(f"the tests fail without a fault: {before.by or before.result}")
    outcomes: list[Outcome] = []
    for number, mutation in enumerate(chosen, 1):
        outcome = trial.of(mutation)
        outcomes.append(outcome)
        by = f" by {outcome.by}" if outcome.by else ""
        message = f"{outcome.result}{by}, {outcome.seconds:.0f} s"
        sys.stderr.write(f"  {number} of {len(chosen)}: {outcome.name}: {message}\n")
    return outcomes


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.benchmarks.code_mutants",
        description="Plant faults into a copy of the code, and count those that the tests notice.",
        epilog="example: python -m tools.benchmarks.code_mutants --resume mutants.jsonl",
    )
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    parser.add_argument("--only", nargs="+", default=(), metavar="NAME", help="plant these alone")
    parser.add_argument(
        "--resume", type=Path, metavar="FILE", help="keep outcomes there, and do not run them again"
    )
    parser.add_argument(
        "--timeout", type=float, default=_TIMEOUT, metavar="S", help="seconds for one fault"
    )
    return parser


def _text(outcomes: Sequence[Outcome]) -> str:
    head = ("PACKAGE", "FAULTS", "KILLED", "TIMEOUT", "SURVIVED", "SECONDS")
    rows = [
        (
            package or "all",
            *_counts([each for each in outcomes if each.package.startswith(package)]),
        )
        for package in (*dict.fromkeys(each.package for each in outcomes), "")
    ]
    survivors = [each.name for each in outcomes if each.result == "survived"]
    score = f"{len(outcomes) - len(survivors)} of {len(outcomes)} noticed"
    result = f"{score}; survived: {', '.join(survivors)}" if survivors else score
    return f"{columns([head, *rows], numbers=True)}\n\n{result}"


def _counts(outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    results = [each.result for each in outcomes]
    counts = (results.count("killed"), results.count("timeout"), results.count("survived"))
    seconds = sum(each.seconds for each in outcomes)
    return (str(len(results)), *map(str, counts), f"{seconds:.0f}")


if __name__ == "__main__":
    main()
