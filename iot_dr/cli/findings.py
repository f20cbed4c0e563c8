"""What the rules found, and the rules themselves, for people and for machines."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from iot_dr.cli.counted import counted
from iot_dr.common.plain_text import plain
from iot_dr.rules.engine import Judgement
from iot_dr.rules.findings import finding_json, summary, text
from iot_dr.rules.rule import Rule, heaviest
from iot_dr.terraform_json.listing import listing
from iot_dr.terraform_json.stack_resources import StackResources


@dataclass(frozen=True, kw_only=True)
class Checked:
    """Stacks that were judged together, by the settings of an environment if there is one."""

    environment: str | None
    stacks: tuple[StackResources, ...]
    judgement: Judgement

    @property
    def notes(self) -> tuple[str, ...]:
        """What of the stacks is not judged, in words."""
        told = tuple(f"{stack.name}: {note}" for stack in self.stacks for note in stack.unjudged)
        if any(stack.resources for stack in self.stacks):
            return told
        return (*told, f"{listing([each.name for each in self.stacks])}: no resource is there")


def as_text(checked: Sequence[Checked], notes: Sequence[str] = ()) -> str:
    """Tell the findings of each group of stacks, and its verdict in a last line.

    `notes` say what else is not judged.
    """
    groups = (_group(each, is_all=not notes) for each in checked)
    return "\n\n".join(each for each in (_unjudged(notes), *groups) if each)


def as_json(checked: Sequence[Checked], notes: Sequence[str] = ()) -> str:
    """Give the same as JSON."""
    findings = [finding for each in checked for finding in each.judgement.findings]
    suppressed = [entry for each in checked for entry in each.judgement.suppressed]
    return json.dumps(
        {
            "verdict": heaviest(each.verdict for each in findings).value,
            "stacks": [stack.name for each in checked for stack in each.stacks],
            "findings": [finding_json(finding) for finding in findings],
            "notes": [
                f"not judged: {note}"
                for note in (*notes, *(note for each in checked for note in each.notes))
            ],
            "suppressed": [
                {**finding_json(each.finding), "reason": each.reason} for each in suppressed
            ],
        },
        indent=2,
    )


def rules_as_text(rules: Sequence[Rule]) -> str:
    """Tell each rule: its id, what must hold, why, and the source."""
    return "\n\n".join(
        f"{rule.id}\n  {rule.title}\n  Why: {rule.why}\n  Source: {rule.source}" for rule in rules
    )


def rules_as_json(rules: Sequence[Rule]) -> str:
    """Give the same as JSON."""
    rows = [
        {"id": rule.id, "title": rule.title, "why": rule.why, "source": rule.source}
        for rule in rules
    ]
    return json.dumps(rows, indent=2)


def _group(checked: Checked, *, is_all: bool) -> str:
    above = [each for each in (_unjudged(checked.notes), text(checked.judgement)) if each]
    lead = "".join(f"{each}\n\n" for each in above)
    resources = sum(len(stack.resources) for stack in checked.stacks)
    by = f" by the settings of {checked.environment}" if checked.environment else ""
    judged = f"{counted(len(checked.stacks), 'stack')}, {counted(resources, 'resource')}{by}"
    return f"{lead}{_summary(checked, resources, is_all=is_all)}; {judged}"


def _summary(checked: Checked, resources: int, *, is_all: bool) -> str:
    """Count the findings; no `ok` goes without a word where something is not judged."""
    if not resources and not checked.judgement.findings:
        return "nothing judged"
    counted = summary(checked.judgement)
    return counted if is_all and not checked.notes else f"{counted} in what is judged"


def _unjudged(notes: Sequence[str]) -> str:
    return "\n".join(f"not judged: {plain(each)}" for each in notes)
