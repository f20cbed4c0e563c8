"""Judges mutants in stages: schema, rules, prover, and what shows that a mutant is equivalent."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from iot_dr.generate.expectation import design_expectation
from iot_dr.prover.proof import Proof
from iot_dr.prover.proofs import proofs
from iot_dr.rules import data_does_not_arrive, failover_not_proved
from iot_dr.rules.catalogue import RULES
from iot_dr.rules.engine import Judgement, judge
from iot_dr.rules.rule import Verdict
from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform_json.resource_set import ResourceSet
from tools.benchmarks.design_mutants.design import BaseDesign, Mutant
from tools.benchmarks.design_mutants.unread import unread
from tools.benchmarks.design_mutants.validation import problems

# The prover is a stage of its own, and says what these say.
_OF_PROVER: Final = (failover_not_proved.RULE, data_does_not_arrive.RULE)
_RULES: Final = tuple(rule for rule in RULES if rule not in _OF_PROVER)


class Result(StrEnum):
    """How a mutant ended; SILENT must not occur. A note is not found: it says what is assumed."""

    REFUSED = "refused"
    BLOCKED = "blocked"
    DISPROVED = "disproved"
    WARNED = "warned"
    NOTED = "noted"
    MISSED = "missed"
    INVALID = "invalid"
    EQUIVALENT = "equivalent"
    SILENT = "silent"


FOUND: Final = (Result.BLOCKED, Result.DISPROVED, Result.WARNED)
"""What a user cannot overlook; a REFUSED mutant is one that Terraform does not plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result, the stage that decided it, its reason, and the seconds by stage."""

    mutant: Mutant
    result: Result
    stage: str
    reason: str
    seconds: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Decision:
    """A result, the stage that came to it, and its reason."""

    result: Result
    stage: str
    reason: str


class Stages:
    """The stages in the order of their cost; each sees what those before it have let pass."""

    def __init__(self, design: BaseDesign, schema: SchemaCache) -> None:
        self._design, self._schema = design, schema
        # One object for all, by which what is read of a design is kept.
        self._expected = design_expectation(design.settings)
        self._proofs = proofs(design.resources, self._expected)
        self._said = {*warnings(self._judged(design.resources)), *_remarks(self._proofs)}

    def outcome(self, mutant: Mutant) -> Outcome:
        """Judge a mutant by all stages but the drill."""
        seconds = dict[str, float]()
        decision = None
        work = self._stages(mutant)
        begun = time.perf_counter()
        for stage, decision in work:
            now = time.perf_counter()
            seconds[stage], begun = now - begun, now
            if decision:
                break
        decision = decision or Decision(Result.SILENT, "", "")
        return Outcome(
            mutant=mutant,
            result=decision.result,
            stage=decision.stage,
            reason=decision.reason,
            seconds=seconds,
        )

    def _stages(self, mutant: Mutant) -> Iterator[tuple[str, Decision | None]]:
        problem = next(problems(self._design, self._schema, mutant), None)
        yield "schema", Decision(Result.REFUSED, "schema", problem) if problem else None
        resources = self._design.mutated(mutant)
        judgement = self._judged(resources)
        yield "rules", blocked(judgement)
        proved = proofs(resources, self._expected)
        warned = self._new(Result.WARNED, warnings(judgement))
        noted = self._new(Result.NOTED, _remarks(proved))
        yield "prover", disproved(proved) or warned or noted
        yield "equivalence", self._equivalent(mutant, proved)

    def _judged(self, resources: ResourceSet) -> Judgement:
        return judge(resources, self._expected, self._expected.accepted_rules, _RULES)

    def _new(self, result: Result, said: Iterable[tuple[str, str]]) -> Decision | None:
        return next((Decision(result, *each) for each in said if each not in self._said), None)

    def _equivalent(self, mutant: Mutant, proved: Sequence[Proof]) -> Decision | None:
        entry = unread(self._design, mutant)
        if entry and tuple(proved) == self._proofs:
            return Decision(Result.EQUIVALENT, "equivalence", f"{entry.reason} ({entry.source})")
        return None


def blocked(judgement: Judgement) -> Decision | None:
    """Return the first finding that blocks."""
    for finding in judgement.findings:
        if finding.verdict is Verdict.BLOCK:
            return Decision(Result.BLOCKED, "rules", f"{finding.rule}: {finding.message}")
    return None


def disproved(proved: Sequence[Proof]) -> Decision | None:
    """Return the first violation of a proof."""
    for proof in proved:
        for violation in proof.violations:
            return Decision(Result.DISPROVED, "prover", f"{violation.property}: {violation}")
    return None


def warnings(judgement: Judgement) -> Iterator[tuple[str, str]]:
    """Yield each finding, with the stage that it is of."""
    for finding in judgement.findings:
        yield "rules", f"{finding.rule}: {finding.address}: {finding.message}"


def _remarks(proved: Sequence[Proof]) -> Iterator[tuple[str, str]]:
    """Yield what proofs name: assumptions, unknowns and invisible faults."""
    for proof in proved:
        remarks = (*map(str, proof.notes), *proof.unknown, *proof.unseen)
        yield from (("prover", remark) for remark in remarks)
        if not proof.is_complete:
            yield "prover", f"{proof.name}: too many states"
