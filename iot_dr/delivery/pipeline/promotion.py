"""Checks whether a commit has passed the environment that this one is promoted from."""

import os
import subprocess
from pathlib import Path
from typing import Final

from environments.loader import load
from environments.project import settings_file
from environments.settings import Settings
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.delivery.pipeline.guard import NotPermittedHereError

_YES: Final = 0
_NO: Final = 1
# Git's own words; LC_ALL=C selects the language.
_NO_BRANCH: Final = "couldn't find remote ref"


class UnknownAncestryError(UserError):
    """Git cannot determine whether a branch contains the commit."""


def previous_environment(settings: Settings, folder: Path) -> Settings | None:
    """Return the settings of the environment that this one is promoted from, or None.

    Raises SettingsError if there is no such environment, or its file is wrong.
    """
    before = settings.pipeline.promoted_from if settings.pipeline else None
    return load(before, {}, folder) if before else None


def promotion_branches(settings: Settings, folder: Path) -> tuple[str, ...]:
    """Return the branches through which a commit reaches an environment, its own one last.

    Raises what `previous_environment` raises.
    """
    before = previous_environment(settings, folder)
    own = (settings.pipeline.branch,) if settings.pipeline else ()
    return (*(promotion_branches(before, folder) if before else ()), *own)


def refuse_unpromoted(settings: Settings, project: Path) -> None:
    """Raise NotPermittedHereError unless the commit is on the branch of the environment before.

    Fetches from the remote `origin` of the project's checkout. Raises UnknownAncestryError if git
    cannot answer, and what `previous_environment` raises.
    """
    before = previous_environment(settings, project / "environments")
    if before is None:
        return
    # The loader refuses an environment that is promoted from one without a pipeline.
    assert before.pipeline is not None  # noqa: S101 - see above
    assert settings.pipeline is not None  # noqa: S101 - it names the one before
    environment, branch = settings.environment, before.pipeline.branch
    ancestry = _Ancestry(project, environment, before.environment, branch)
    if ancestry.is_held():
        return
    commit = ancestry.output("rev-parse", "--short=12", "HEAD")
    if ancestry.is_merge():
        start = f"is a merge that is not on {branch}"
        advice = (
            f"merge it into {branch} too and push that; what {branch} holds is promoted without a"
            f" merge, by `git push origin origin/{branch}:refs/heads/{settings.pipeline.branch}`"
        )
    else:
        start = f"is not on {branch}"
        advice = f"bring it there first: merge it into {branch}, and push that"
    message = (
        f"{environment}: commit {commit} {start}, the branch of {before.environment}, which"
        f" {environment} is promoted from; {advice}. Then start a new execution"
    )
    raise NotPermittedHereError(message)


class _Ancestry:
    """Git queries about the branch of the environment before."""

    def __init__(self, checkout: Path, environment: str, before: str, branch: str) -> None:
        self._checkout, self._environment = checkout, environment
        self._before, self._branch = before, branch

    def is_held(self) -> bool:
        """Whether the remote's branch contains HEAD.

        Raises UnknownAncestryError if git fails, or if a shallow clone does not show it.
        """
        self._git("fetch", "--quiet", "--no-tags", "origin", f"refs/heads/{self._branch}")
        if self._is_true("merge-base", "--is-ancestor", "HEAD", "FETCH_HEAD"):
            return True
        if self.output("rev-parse", "--is-shallow-repository") == "true":
            raise self._unknown("this clone has not the whole history: git fetch --unshallow")
        return False

    def is_merge(self) -> bool:
        """Whether HEAD is a merge commit."""
        return self._is_true("rev-parse", "--verify", "--quiet", "HEAD^2")

    def output(self, *arguments: str) -> str:
        """Return the output of a git command; raises UnknownAncestryError if it fails."""
        return self._git(*arguments).stdout.decode().strip()

    def _is_true(self, *arguments: str) -> bool:
        return self._git(*arguments, allowed=(_YES, _NO)).returncode == _YES

    def _git(
        self, *arguments: str, allowed: tuple[int, ...] = (_YES,)
    ) -> subprocess.CompletedProcess[bytes]:
        try:
            done = subprocess.run(  # noqa: S603 - the branch is checked by the settings
                ["git", *arguments],  # noqa: S607 - git is where the user has it
                cwd=self._checkout,
                # Without a terminal, git must not prompt for a password.
                env={**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            )
        except FileNotFoundError:
            raise self._unknown("git is not installed") from None
        if done.returncode not in allowed:
            why = plain(" ".join(done.stderr.decode(errors="replace").split()))
            raise (
                self._no_branch() if _NO_BRANCH in why else self._unknown(why or "it says nothing")
            )
        return done

    def _no_branch(self) -> UnknownAncestryError:
        message = (
            f"{self._environment}: origin has no branch {self._branch}, which"
            f" {settings_file(self._before)}: pipeline.branch names; push that branch, or correct"
            " the name"
        )
        return UnknownAncestryError(message)

    def _unknown(self, why: str) -> UnknownAncestryError:
        message = (
            f"{self._environment}: it is unknown whether {self._branch}, the branch of"
            f" {self._before}, contains this commit, so it is refused: {why}. Once"
            f" `git fetch origin {self._branch}` works here, start a new execution"
        )
        return UnknownAncestryError(message)
