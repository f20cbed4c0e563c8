"""The summary that GitHub shows on the page of a workflow's run."""

from collections.abc import Mapping
from pathlib import Path

from iot_dr.common.plain_text import plain
from iot_dr.review.github.errors import GitHubError


def add_to_summary(text: str, variables: Mapping[str, str]) -> bool:
    """Append a text to the job's summary; False where there is none, outside of a workflow.

    Raises GitHubError when its file cannot be written.
    """
    file = variables.get("GITHUB_STEP_SUMMARY")
    if not file:
        return False
    try:
        with Path(file).open("a", encoding="utf-8") as summary:
            summary.write(f"{text}\n")
    except OSError as error:
        message = f"GITHUB_STEP_SUMMARY: {plain(file)}: cannot be written: {error.strerror}"
        raise GitHubError(message) from None
    return True
