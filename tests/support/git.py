"""Git in the tests' repositories, with an author of its own."""

import os
import subprocess
from pathlib import Path
from typing import Final

IDENTITY: Final = {
    f"GIT_{who}_{what}": "test@example.com"
    for who in ("AUTHOR", "COMMITTER")
    for what in ("NAME", "EMAIL")
}
"""The variables that set git's author."""


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, and return what it prints."""
    return subprocess.run(
        ["git", *arguments],  # noqa: S607 - the user's
        cwd=folder, env={**os.environ, **IDENTITY}, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
