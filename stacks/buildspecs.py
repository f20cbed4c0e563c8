"""What the builds of a pipeline run."""

import json
from pathlib import Path
from typing import Any, Final

import yaml

FOLDER: Final = Path(__file__).parents[1] / "buildspecs"
"""A file for each verb: synth, plan, apply, verify."""

_FIRST: Final = "synth"
_TAKE: Final = FOLDER / "take-code.sh"


def buildspec(verb: str) -> str:
    """Give the buildspec of a verb as JSON, for a project to hold.

    All but the first action of an execution begin by taking its code, as it was left there.
    """
    made: Any = yaml.safe_load((FOLDER / f"{verb}.yml").read_text(encoding="utf-8"))
    if verb != _FIRST:
        made["phases"]["install"]["commands"].insert(0, _TAKE.read_text(encoding="utf-8"))
    return json.dumps(made)
