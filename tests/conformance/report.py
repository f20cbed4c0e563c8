"""What was compared, the differences, and what could not be compared."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.conformance.difference import Difference
from tests.conformance.emulator import (
    EmulatorChange,
    emulator_changes,
    needless,
    unexplained,
)
from tests.conformance.explained import EXPLAINED, Explanations, reason_for, unused
from tests.conformance.judgement import Judgement
from tests.conformance.later import LaterChange

DIFFERENT: Final = 1
NOT_JUDGED: Final = 2

# With an error Terraform prints the whole configuration in one line.
_LONGEST_LINE: Final = 300


@dataclass(frozen=True)
class Report:
    """The comparisons of all environments with one version of the official provider."""

    version: str
    judgements: Sequence[Judgement]
    explained: Explanations = field(default_factory=lambda: EXPLAINED)
    emulator: Sequence[EmulatorChange] = field(default_factory=emulator_changes)

    @property
    def status(self) -> int:
        """0; 1: unexplained differences or unused explanations; 2: something was not compared."""
        if any(each.failures or each.stacks < each.all_stacks for each in self.judgements):
            return NOT_JUDGED
        is_different = self.unexplained or self.unused or self.unexplained_later or self.needless
        return DIFFERENT if is_different else 0

    @property
    def differences(self) -> list[Difference]:
        """The differences of all environments, each once."""
        results = (each.comparison.differences for each in self.judgements)
        return sorted(set[Difference]().union(*results))

    @property
    def unexplained(self) -> list[Difference]:
        """The differences without a known reason."""
        return [
            each for each in self.differences if not reason_for(each, self.version, self.explained)
        ]

    @property
    def unused(self) -> list[str]:
        """The explanations that no difference needs."""
        return unused(self.differences, self.version, self.explained)

    @property
    def later(self) -> set[LaterChange]:
        """The changes of all plans after an apply, each once."""
        return set[LaterChange]().union(*(each.later for each in self.judgements))

    @property
    def unexplained_later(self) -> list[LaterChange]:
        """The changes after an apply that are not known to be the emulator's."""
        return unexplained(self.later, self.emulator)

    @property
    def needless(self) -> list[str]:
        """The known changes of the emulator that no plan has."""
        return needless(self.later, self.emulator)

    def lines(self) -> Iterator[str]:
        """Yield the explained differences by reason, then all errors, then the figures."""
        yield from self._explained()
        for judgement in self.judgements:
            for failure in judgement.failures:
                yield from ("", *(_cut(line) for line in failure.splitlines()))
        yield from (f"not explained: {difference}" for difference in self.unexplained)
        yield from (f"explains nothing: {pattern}" for pattern in self.unused)
        yield from (_cut(f"changed by a later plan: {each}") for each in self.unexplained_later)
        yield from (f"not changed by a later plan: {each}" for each in self.needless)
        removed = sorted({name for each in self.judgements for name in each.removed})
        if removed:
            yield f"not judged, {self.version} does not have it: {', '.join(removed)}"
        yield ""
        yield self._figures()

    def _explained(self) -> Iterator[str]:
        explained: dict[str, set[str]] = {}
        for difference in self.differences:
            if reason := reason_for(difference, self.version, self.explained):
                named = f"{difference.where} {difference.attribute}"
                explained.setdefault(f"{reason.text} ({reason.source})", set()).add(named)
        for reason, names in explained.items():
            yield f"{reason}: {', '.join(sorted(names))}"

    def _figures(self) -> str:
        verdict = {0: "passed", DIFFERENT: "failed", NOT_JUDGED: "not judged in full"}
        stacks = sum(each.stacks for each in self.judgements)
        all_stacks = sum(each.all_stacks for each in self.judgements)
        attributes = sum(each.comparison.schema_attributes for each in self.judgements)
        values = sum(each.comparison.plan_values for each in self.judgements)
        resources = sum(each.resources for each in self.judgements)
        return (
            f"{verdict[self.status]}: {stacks} of {all_stacks} stacks, {resources} resources,"
            f" {attributes} attributes of schemas and {values} values of plans compared;"
            f" {len(self.differences)} differences, {len(self.unexplained)} not explained,"
            f" {len(self.unused)} explanations without a difference; later plans:"
            f" {len(self.later)} changes, {len(self.unexplained_later)} not explained,"
            f" {len(self.needless)} explanations without a change"
        )


def _cut(line: str) -> str:
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]} ..."
