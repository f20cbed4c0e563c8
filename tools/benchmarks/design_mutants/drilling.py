"""The last stage: the outages that could show what is wrong are rehearsed with the mutated design.

What the proof notes of a mutant selects them; without a note the primary is killed.
"""

import asyncio
import json
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Final

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.drill.drill import Drill
from iot_dr.drill.outages.catalogue import OUTAGES
from iot_dr.drill.report.outage_report import OutageReport
from iot_dr.drill.report.report import DrillReport
from iot_dr.drill.report.verdict import DrillVerdict
from iot_dr.generate.synthesis import stack_file
from iot_dr.terraform.runtime import RUNTIME, Runtime
from tools.benchmarks.design_mutants.design import BaseDesign, Mutant
from tools.benchmarks.design_mutants.stages import Outcome, Result

_KILL: Final = "kill"
# By a text in a note of the proof. All that a world cannot have is skipped.
_SHOWN: Final[Mapping[str, Sequence[str]]] = {
    "watcher": ("canary", "second-failure"),
    "canary": ("canary", "slow"),
    "apigatewayv2": ("canary", "slow"),
    "checkers": ("blind-checkers",),
    "switch": ("switch", "lost-keeper"),
    "IoT policy": ("authorization",),
    "aws_iot_policy": ("authorization",),
    "certificate": ("expired",),
    "server certificate has expired": ("expired",),
    "does nothing more": ("freeze",),
}
_WORST: Final = (
    DrillVerdict.MISSED,
    DrillVerdict.INVALID,
    DrillVerdict.PARTIAL,
    DrillVerdict.WARN,
    DrillVerdict.PASSED,
)
_DEVICES: Final = 60
_SPEED: Final = 15.0
_FIRST: Final = (Result.SILENT, Result.EQUIVALENT, Result.NOTED, Result.WARNED)
_RESULTS: Final[Mapping[DrillVerdict, Result]] = {
    DrillVerdict.MISSED: Result.MISSED,
    DrillVerdict.WARN: Result.WARNED,
    DrillVerdict.INVALID: Result.INVALID,
    DrillVerdict.PARTIAL: Result.INVALID,
}


def candidates(outcomes: Sequence[Outcome], count: int, seed: int) -> Sequence[Outcome]:
    """Return at most `count` outcomes to rehearse, one of a class.

    First those that nothing explains, then those held equivalent, then those with a warning alone.
    """
    # No secret depends on it.
    shuffled = Random(seed).sample(outcomes, len(outcomes))  # noqa: S311 - see above
    chosen = dict[tuple[Result, tuple[str, str, str]], Outcome]()
    for result in _FIRST:
        for outcome in shuffled:
            if outcome.result is result:
                chosen.setdefault((result, outcome.mutant.class_), outcome)
    return [*chosen.values()][:count]


def check_without_mutant(design: BaseDesign, seed: int) -> None:
    """Raise UserError unless the design without a mutant passes: a result would prove nothing."""
    verdict, reason = _verdict(design, None, seed, [_KILL])
    if verdict is not DrillVerdict.PASSED:
        message = f"the drill of the design without a mutant: {verdict}: {reason}"
        raise UserError(message)


def rehearsed(design: BaseDesign, outcome: Outcome, seed: int) -> Outcome:
    """Rehearse a mutant; its result changes if the drill does not pass.

    A design that the drill cannot read is invalid.
    """
    begun = time.perf_counter()
    try:
        names = outages_for(outcome.reason)
        verdict, reason = _verdict(design, outcome.mutant, seed, names)
    except UserError as error:
        verdict, reason = DrillVerdict.INVALID, str(error)
    seconds = {**outcome.seconds, "drill": time.perf_counter() - begun}
    if verdict is DrillVerdict.PASSED:
        return replace(outcome, seconds=seconds)
    before = f" (was {outcome.result}: {outcome.reason})" if outcome.reason else ""
    return replace(
        outcome,
        result=_RESULTS[verdict],
        stage="drill",
        reason=f"{reason}{before}",
        seconds=seconds,
    )


def outages_for(note: str) -> Sequence[str]:
    """Return the outages that could show what a note of a proof says."""
    shown = [name for text, names in _SHOWN.items() if text in note for name in names]
    return list(dict.fromkeys([_KILL, *shown]))


def _verdict(
    design: BaseDesign, mutant: Mutant | None, seed: int, names: Sequence[str]
) -> tuple[DrillVerdict, str]:
    """Return the worst verdict on some outages, with its reasons."""
    drill = Drill(design.settings, _DEVICES, _SPEED, seed, 0, _Silent())
    token = RUNTIME.set(_Mutated(design, mutant))
    try:
        outages = [OUTAGES[name] for name in names]
        asyncio.run(drill.run(outages, design.settings.failover_order[0], None))
    finally:
        RUNTIME.reset(token)
    reports = DrillReport.of(drill.results, design.settings).outages
    rehearsed = [report for report in reports if isinstance(report, OutageReport)]
    worst = min(rehearsed, key=lambda report: _WORST.index(report.verdict))
    return worst.verdict, f"{worst.name}: {' '.join(worst.judgement.reasons)}"


class _Mutated(Runtime):
    """A runtime that writes the mutated stacks instead of synthesizing."""

    def __init__(self, design: BaseDesign, mutant: Mutant | None) -> None:
        self._design, self._mutant = design, mutant

    def synthesize(self, environments: Sequence[Settings], out: Path) -> None:
        """Copy the design to `out`, and write the mutant's stacks over it."""
        del environments
        shutil.copytree(self._design.folder, out)
        changed = self._design.mutated_documents(self._mutant) if self._mutant else {}
        for name, document in changed.items():
            stack_file(out, name).write_text(json.dumps(document), encoding="utf-8")


class _Silent:
    def outage(self, name: str, region: str) -> None:
        """Show nothing: the progress is that of the mutants."""

    def update(self, phase: str, counts: Mapping[str, int]) -> None:
        """Show nothing."""
