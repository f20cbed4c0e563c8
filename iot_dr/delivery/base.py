"""The base of a comparison: another commit's stacks, applied in a throwaway sandbox."""

import json
import os
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from environments.errors import SettingsError
from environments.loader import load, names
from environments.settings import Settings
from iot_dr.common.project import ROOT
from iot_dr.common.user_error import UsageError
from iot_dr.delivery.session import Session
from iot_dr.terraform.schedule import Outcome, Schedule
from stacks.graph import StackGraph, StackNode

_OVERRIDES = ("PRIMARY_REGION", "HANDOVER_REGION")


class BaseError(UsageError):
    """The commit cannot be found or synthesized."""


@dataclass(frozen=True, slots=True)
class Base:
    """A commit, and the stacks of an environment as its code makes them.

    An environment that the commit does not have has no stacks. `settings` are None then, and where
    the settings of that time are none for the code of now.
    """

    ref: str
    commit: str
    graph: StackGraph
    settings: Settings | None


def synthesize_base(ref: str, environment: str, folder: Path) -> Base:
    """Synthesize an environment as of the commit `ref` into `folder/out`, with that commit's code.

    Raises:
        BaseError: when git does not know the commit, or its code does not synthesize.
    """
    commit = commit_of(ref)
    code = folder / "code"
    with tarfile.open(fileobj=BytesIO(_git(ref, "archive", "--format=tar", commit))) as archive:
        archive.extractall(code, filter="data")
    if environment not in names(code / "environments"):
        return Base(ref, commit, StackGraph([]), None)
    graph = _synthesized(ref, environment, code, folder / "out")
    return Base(ref, commit, graph, _settings(environment, code))


def commit_of(ref: str) -> str:
    """Give the id of the commit that a name stands for; raises BaseError when git knows none."""
    return _git(ref, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}").decode().strip()


def _synthesized(ref: str, environment: str, code: Path, out: Path) -> StackGraph:
    command = [sys.executable, "-m", "iot_dr", "synth", "--env", environment, "--json"]
    ran = subprocess.run(  # noqa: S603 - this project's own command
        [*command, "--out", str(out)],
        cwd=code,
        # What overrides the settings is part of the change, and not of what was before it.
        env={**os.environ, **dict.fromkeys(_OVERRIDES, ""), "PYTHONPATH": str(code)},
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode != 0:
        message = f"--base {ref}: {environment} does not synthesize there:\n{ran.stderr.strip()}"
        raise BaseError(message)
    return _graph(json.loads(ran.stdout)["stacks"])


def _settings(environment: str, code: Path) -> Settings | None:
    try:
        return load(environment, {}, code / "environments")
    except SettingsError:
        return None


def _git(ref: str, *arguments: str) -> bytes:
    # A name that begins with a dash would be an option of git's.
    if ref.startswith("-"):
        message = f"--base {ref}: is no name of a commit"
        raise BaseError(message)
    try:
        return subprocess.run(  # noqa: S603 - the name is checked above
            ["git", *arguments],  # noqa: S607 - git is where the user has it
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout
    except FileNotFoundError:
        message = f"--base {ref}: git is not installed"
        raise BaseError(message) from None
    except subprocess.CalledProcessError as error:
        why = error.stderr.decode(errors="replace").strip() or "is no commit that git knows here"
        message = f"--base {ref}: {why}"
        raise BaseError(message) from None


def _graph(stacks: list[dict[str, Any]]) -> StackGraph:
    return StackGraph(
        StackNode(
            name=stack["name"],
            what=stack["what"],
            region=stack["region"],
            role=stack["role"],
            depends_on=tuple(stack["depends_on"]),
        )
        for stack in stacks
    )


def apply_base(session: Session, graph: StackGraph, jobs: int) -> list[Outcome[None]]:
    """Apply every stack by one command of Terraform; return the outcomes in the graph's order.

    Nobody looks at the plans, and nobody else uses the states: no plan file is written and read
    again, and no state is locked.
    """

    def apply(node: StackNode) -> None:
        with session.initialized(node.name) as terraform:
            terraform.apply(None, "-lock=false")

    return Schedule(
        graph=graph,
        work=apply,
        jobs=jobs,
        interrupt=session.pool.interrupt,
        on_outcome=lambda _outcome: None,
    ).run()
