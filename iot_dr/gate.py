"""The gate at synthesis: a design that a rule blocks is not handed out."""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from environments.settings import Settings
from iot_dr.resources.configuration import read_configuration
from iot_dr.resources.resource_set import ResourceSet
from iot_dr.rules.engine import Judgement, judge
from iot_dr.rules.rule import Verdict
from iot_dr.rules.telling import summary, text
from iot_dr.synthesis import stack_file
from iot_dr.user_error import UserError
from stacks.platform_graph import platform_graph

Documents = Mapping[str, Any]
"""The parsed JSON of an environment's stacks, by their names."""


class BlockedError(UserError):
    """A rule blocks what was synthesized; the message tells every finding."""


def documents(settings: Settings, folder: Path) -> Documents:
    """Read what CDKTF wrote into `folder` for an environment."""
    files = {node.name: stack_file(folder, node.name) for node in platform_graph(settings).nodes}
    return {name: json.loads(file.read_bytes()) for name, file in files.items()}


def judgement(settings: Settings, design: Documents) -> Judgement:
    """Judge an environment's stacks by its own settings, with what these suppress."""
    stacks = ResourceSet(read_configuration(*each) for each in design.items())
    return judge(stacks, settings, settings.suppressions)


def refuse_blocked(designs: Iterable[tuple[Settings, Documents]]) -> None:
    """Judge environments; warnings go to stderr and stop nothing.

    Raises BlockedError with all findings when a rule blocks any of them.
    """
    judged = [judgement(*each) for each in designs]
    told = [each for each in judged if each.findings]
    if any(each.verdict is Verdict.BLOCK for each in judged):
        message = "\n\n".join(f"{text(each)}\n\n{summary(each)}" for each in told)
        raise BlockedError(message)
    for each in told:
        sys.stderr.write(f"{text(each)}\n")
