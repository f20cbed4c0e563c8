"""The gate at synthesis: a design that a rule blocks is not handed out."""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from environments.settings import Settings
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.generate.synthesis import stack_file
from iot_dr.rules.engine import Judgement, judge
from iot_dr.rules.findings import summary, text
from iot_dr.rules.rule import Verdict
from iot_dr.terraform_json.configuration import read_configuration
from iot_dr.terraform_json.resource_set import ResourceSet
from stacks.platform_graph import platform_graph

Documents = Mapping[str, Any]
"""The parsed JSON of an environment's stacks, by their names."""


class BlockedError(UserError):
    """A rule blocks what was synthesized; the message tells every finding.

    `judgements` are those of the environments in which something was found.
    """

    def __init__(self, judgements: Sequence[tuple[Settings, Judgement]]) -> None:
        self.judgements = judgements
        told = (f"{text(each)}\n\n{summary(each)}" for _, each in judgements)
        super().__init__("\n\n".join(told))


def documents(settings: Settings, folder: Path) -> Documents:
    """Read what CDKTF wrote into `folder` for an environment."""
    files = {node.name: stack_file(folder, node.name) for node in platform_graph(settings).nodes}
    return {name: json.loads(file.read_bytes()) for name, file in files.items()}


def judgement(settings: Settings, design: Documents) -> Judgement:
    """Judge an environment's stacks by its own settings, with what these suppress."""
    stacks = ResourceSet(read_configuration(*each) for each in design.items())
    return judge(stacks, settings, settings.suppressions)


def refuse_blocked(designs: Iterable[tuple[Settings, Documents]]) -> None:
    """Judge environments; warnings, and what of a block is suppressed, go to stderr.

    Raises BlockedError with all findings when a rule blocks any of them.
    """
    judged = [(settings, judgement(settings, design)) for settings, design in designs]
    if any(each.verdict is Verdict.BLOCK for _, each in judged):
        raise BlockedError([each for each in judged if each[1].findings])
    for settings, each in judged:
        if each.findings:
            sys.stderr.write(f"{text(each)}\n")
        elif accepted := _accepted(each):
            sys.stderr.write(f"suppressed in {settings.environment}: {accepted}\n")


def _accepted(judged: Judgement) -> str:
    """Count the blocks that are suppressed, by their rules, with the reasons."""
    blocks = [each for each in judged.suppressed if each.finding.verdict is Verdict.BLOCK]
    counts = Counter((each.finding.rule, each.reason) for each in blocks)
    return "; ".join(
        f"{number} to mend by {rule} (because: {plain(reason)})"
        for (rule, reason), number in counts.items()
    )
