"""The buildspecs of the pipeline's CodeBuild projects."""

from pathlib import Path
from typing import Any, Final

import yaml

from modules.json_text import compact_json

FOLDER: Final = Path(__file__).with_name("builds")
"""The folder with a file for each verb: synth, plan, apply, verify."""

_FIRST: Final = "synth"
_TAKE: Final = FOLDER / "take-code.sh"


def buildspec(verb: str) -> str:
    """Return the buildspec of a verb as JSON.

    All verbs but synth first unpack the code artifact of their own execution (`take-code.sh`).
    """
    specification: Any = yaml.safe_load((FOLDER / f"{verb}.yml").read_text(encoding="utf-8"))
    if verb != _FIRST:
        specification["phases"]["install"]["commands"].insert(0, _TAKE.read_text(encoding="utf-8"))
    return compact_json(specification)
