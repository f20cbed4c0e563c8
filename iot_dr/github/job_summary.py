"""The summary that GitHub shows on the page of a workflow's run."""

from collections.abc import Mapping
from pathlib import Path


def add_to_summary(text: str, variables: Mapping[str, str]) -> bool:
    """Append a text to the job's summary; False where there is none, outside of a workflow."""
    file = variables.get("GITHUB_STEP_SUMMARY")
    if not file:
        return False
    with Path(file).open("a", encoding="utf-8") as summary:
        summary.write(f"{text}\n")
    return True
