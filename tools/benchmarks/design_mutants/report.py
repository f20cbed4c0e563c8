"""Outcomes of mutants as a table, as JSON, and as progress on the terminal."""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from iot_dr.cli.text import columns
from tools.benchmarks.design_mutants.generation import Generated
from tools.benchmarks.design_mutants.harmless import Harmless
from tools.benchmarks.design_mutants.stages import FOUND, Decision, Outcome, Result

EQUIVALENT_LIMIT: Final = 40
"""The run fails from this number of reasons on for which mutants are equivalent."""

_STAGES: Final = ("schema", "rules", "prover", "equivalence", "drill")
_SHOWN: Final = 3


class Progress:
    """Counts on stderr, in one line of a terminal."""

    def __init__(self, total: int) -> None:
        self._total, self._counts = total, Counter[Result]()
        self._is_shown = sys.stderr.isatty()

    def judged(self, outcome: Outcome) -> None:
        """Show one more outcome."""
        self._counts[outcome.result] += 1
        if self._is_shown:
            counts = ", ".join(f"{self._counts[result]} {result}" for result in self._counts)
            sys.stderr.write(f"\r\033[K{self._counts.total()} of {self._total}: {counts}")

    def end(self) -> None:
        """Leave the line."""
        if self._is_shown:
            sys.stderr.write("\r\033[K")


def is_explained(outcomes: Sequence[Outcome]) -> bool:
    """Whether no mutant is silent, and equivalent ones are so for few enough reasons."""
    passed = any(outcome.result is Result.SILENT for outcome in outcomes)
    return not passed and len({each.reason for each in _equivalent(outcomes)}) < EQUIVALENT_LIMIT


def are_harmless(harmless: Sequence[tuple[Harmless, Decision]]) -> bool:
    """Whether no harmless change is blocked or disproved."""
    return all(
        decision.result not in {Result.BLOCKED, Result.DISPROVED} for _, decision in harmless
    )


def _equivalent(outcomes: Sequence[Outcome]) -> Sequence[Outcome]:
    return [each for each in outcomes if each.result is Result.EQUIVALENT]


def as_text(
    environment: str,
    generated: Generated,
    outcomes: Sequence[Outcome],
    harmless: Sequence[tuple[Harmless, Decision]],
) -> str:
    """Return the table of stages, the counts of results, and every mutant that is silent.

    Also the harmless changes, with each that something is said of.
    """
    counts = Counter(outcome.result for outcome in outcomes)
    classes = {outcome.mutant.class_ for outcome in outcomes}
    equivalent = _equivalent(outcomes)
    reasons = {each.reason for each in equivalent}
    results = ", ".join(f"{counts[result]} {result}" for result in Result if counts[result])
    head = ("STAGE", "JUDGED", *map(str.upper, Result), "SECONDS", "MS EACH")
    lines = [
        (
            f"{environment}: {len(outcomes)} of {len(generated.mutants)} mutants, {len(classes)}"
            f" classes; {generated.unchanged} changes of the spelling alone were left out"
        ),
        "",
        columns([head, *_rows(outcomes)], numbers=True),
        "",
        results,
        f"found: {sum(counts[result] for result in FOUND)} ({', '.join(FOUND)})",
        (
            f"equivalent: {len({each.mutant.class_ for each in equivalent})} classes for"
            f" {len(reasons)} reasons; fewer than {EQUIVALENT_LIMIT} reasons may be"
        ),
        *_silent(outcomes),
        "",
        *_of_harmless(harmless),
    ]
    return "\n".join(lines)


def _rows(outcomes: Sequence[Outcome]) -> Iterator[Sequence[str]]:
    for stage, seconds in times(outcomes).items():
        decided = Counter(outcome.result for outcome in outcomes if outcome.stage == stage)
        judged = sum(stage in outcome.seconds for outcome in outcomes)
        counts = (str(decided[result] or "") for result in Result)
        yield stage, str(judged), *counts, f"{seconds:.1f}", f"{seconds / judged * 1000:.1f}"


def times(outcomes: Sequence[Outcome]) -> Mapping[str, float]:
    """Return the seconds of each stage that judged a mutant."""
    seconds = Counter[str]()
    for outcome in outcomes:
        seconds.update(outcome.seconds)
    return {stage: seconds[stage] for stage in _STAGES if stage in seconds}


def _silent(outcomes: Sequence[Outcome]) -> Iterator[str]:
    passed = [outcome.mutant for outcome in outcomes if outcome.result is Result.SILENT]
    for class_ in sorted({mutant.class_ for mutant in passed}):
        mutants = [mutant for mutant in passed if mutant.class_ == class_]
        type_, argument, change = class_
        yield f"  {Result.SILENT}: {type_} {argument or 'resource'} {change}: {len(mutants)}"
        yield from (f"    {mutant.id}" for mutant in mutants[:_SHOWN])


def _of_harmless(harmless: Sequence[tuple[Harmless, Decision]]) -> Iterator[str]:
    counts = Counter(decision.result for _, decision in harmless)
    kinds = len({change.kind for change, _ in harmless})
    results = ", ".join(f"{counts[result]} {result}" for result in (*FOUND, Result.SILENT))
    yield f"{len(harmless)} harmless changes of {kinds} kinds: {results}"
    for change, decision in harmless:
        if decision.result is not Result.SILENT:
            yield f"  {decision.result}: {change.place}: {change.kind}: {decision.reason}"


def as_json(
    environment: str,
    generated: Generated,
    outcomes: Sequence[Outcome],
    harmless: Sequence[tuple[Harmless, Decision]],
) -> str:
    """Return the outcome of each mutant, with the reason and the milliseconds by stage."""
    document = {
        "environment": environment,
        "generated": len(generated.mutants),
        "unchanged": generated.unchanged,
        "mutants": [
            {
                "id": outcome.mutant.id,
                "class": outcome.mutant.class_,
                "result": outcome.result,
                "stage": outcome.stage,
                "reason": outcome.reason,
                "ms": {stage: round(each * 1000, 1) for stage, each in outcome.seconds.items()},
            }
            for outcome in outcomes
        ],
        "harmless": [
            {
                "id": f"{change.place}: {change.kind}",
                "result": decision.result,
                "reason": decision.reason,
            }
            for change, decision in harmless
        ],
    }
    return json.dumps(document, indent=2)
