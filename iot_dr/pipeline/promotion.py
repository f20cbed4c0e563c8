"""Whether a commit has come through the environment before."""

import os
import subprocess
from pathlib import Path
from typing import Final

from environments.loader import FOLDER, load
from environments.settings import Settings
from iot_dr.pipeline.refusal import RefusedError
from iot_dr.plain_text import plain
from iot_dr.user_error import UserError

ROOT: Final = Path(__file__).parents[2]
"""The checkout that this code is in."""

_YES: Final = 0
_NO: Final = 1


class UnknownAncestryError(UserError):
    """Git cannot tell whether a branch holds the commit."""


def branch_before(settings: Settings, folder: Path = FOLDER) -> str | None:
    """Give the branch of the environment that this one is promoted from; None for none.

    Raises:
        SettingsError: there is no such environment, or its file is wrong.
        RefusedError: it has no pipeline, and so no branch.
    """
    before = settings.pipeline.promoted_from if settings.pipeline else None
    if before is None:
        return None
    pipeline = load(before, {}, folder).pipeline
    if pipeline is None:
        message = (
            f"{settings.environment}.yaml: pipeline.promoted_from: {before!r} names no branch; add"
            f" a pipeline block to {before}.yaml, or set null"
        )
        raise RefusedError(message)
    return pipeline.branch


def refuse_unpromoted(settings: Settings, checkout: Path = ROOT, folder: Path = FOLDER) -> None:
    """Raise RefusedError unless the commit is on the branch of the environment before.

    Asks the remote `origin` of the checkout. Raises UnknownAncestryError where that cannot be had.
    """
    branch = branch_before(settings, folder)
    if branch is None:
        return
    _git(checkout, branch, "fetch", "--quiet", "--no-tags", "origin", f"refs/heads/{branch}")
    asked = ("merge-base", "--is-ancestor", "HEAD", "FETCH_HEAD")
    if _git(checkout, branch, *asked, allowed=(_YES, _NO)).returncode == _YES:
        return
    commit = _git(checkout, branch, "rev-parse", "--short=12", "HEAD").stdout.decode().strip()
    pipeline = settings.pipeline
    before = pipeline.promoted_from if pipeline else None
    message = (
        f"{settings.environment}: commit {commit} is not on {branch}, the branch of {before}, which"
        f" {settings.environment} is promoted from; bring it there first"
    )
    raise RefusedError(message)


def _git(
    checkout: Path, branch: str, *arguments: str, allowed: tuple[int, ...] = (_YES,)
) -> subprocess.CompletedProcess[bytes]:
    try:
        done = subprocess.run(  # noqa: S603 - the branch is checked by the settings
            ["git", *arguments],  # noqa: S607 - git is where the user has it
            cwd=checkout,
            # Nobody is there to be asked for a password.
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        message = f"git is not installed, and alone tells whether {branch} holds this commit"
        raise UnknownAncestryError(message) from None
    if done.returncode not in allowed:
        why = plain(" ".join(done.stderr.decode(errors="replace").split()))
        message = f"git cannot tell whether {branch} holds this commit: {why or 'it says nothing'}"
        raise UnknownAncestryError(message)
    return done
