"""The rule gate of synthesis: a design that a rule blocks is not written."""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from environments.settings import Settings
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.generate.expectation import design_expectation
from iot_dr.generate.synthesis import stack_file
from iot_dr.rules.engine import Judgement, judge
from iot_dr.rules.findings import summary, text
from iot_dr.rules.rule import Verdict
from iot_dr.terraform_json.configuration import read_configuration
from iot_dr.terraform_json.resource_set import ResourceSet
from stacks.platform_graph import platform_graph

Documents = Mapping[str, Any]
"""Parsed JSON of an environment's stacks, keyed by stack name."""


class BlockedError(UserError):
    """A rule blocks the synthesized stacks; the message lists every finding.

    `judgements` are those of the environments with findings.
    """

    def __init__(self, judgements: Sequence[tuple[Settings, Judgement]]) -> None:
        self.judgements = judgements
        reports = (f"{text(result)}\n\n{summary(result)}" for _, result in judgements)
        super().__init__("\n\n".join(reports))


def documents(settings: Settings, folder: Path) -> Documents:
    """Return the synthesized stacks of an environment, read from `folder`."""
    files = {node.name: stack_file(folder, node.name) for node in platform_graph(settings).nodes}
    return {name: json.loads(file.read_bytes()) for name, file in files.items()}


def judgement(settings: Settings, design: Documents) -> Judgement:
    """Return the judgement of an environment's stacks, with its suppressions applied."""
    stacks = ResourceSet(read_configuration(*each) for each in design.items())
    expected = design_expectation(settings)
    return judge(stacks, expected, expected.accepted_rules)


def refuse_blocked(designs: Iterable[tuple[Settings, Documents]]) -> None:
    """Raise BlockedError with all findings if a rule blocks an environment.

    Otherwise, warnings and suppressed blocks are printed to stderr.
    """
    judged = [(settings, judgement(settings, design)) for settings, design in designs]
    if any(result.verdict is Verdict.BLOCK for _, result in judged):
        raise BlockedError([result for result in judged if result[1].findings])
    for settings, result in judged:
        if result.findings:
            sys.stderr.write(f"{text(result)}\n")
        elif accepted := _accepted(result):
            sys.stderr.write(f"suppressed in {settings.environment}: {accepted}\n")


def _accepted(judged: Judgement) -> str:
    """Return the number of suppressed errors per rule and reason, as text."""
    counts = Counter(
        (suppressed.finding.rule, suppressed.reason)
        for suppressed in judged.suppressed
        if suppressed.finding.verdict is Verdict.BLOCK
    )
    return "; ".join(
        f"{number} error{'' if number == 1 else 's'} of {rule} (reason: {plain(reason)})"
        for (rule, reason), number in counts.items()
    )
