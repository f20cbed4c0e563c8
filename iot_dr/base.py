"""The stacks as another commit of this repository would synthesize them."""

import json
import os
import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path
from typing import Any

from iot_dr.user_error import UsageError
from stacks.graph import StackGraph, StackNode

_ROOT = Path(__file__).parents[1]
_OVERRIDES = ("PRIMARY_REGION", "HANDOVER_REGION")


class BaseError(UsageError):
    """The commit cannot be found or synthesized."""


def synthesize_base(ref: str, environment: str, folder: Path) -> StackGraph:
    """Synthesize an environment as of the commit `ref` into `folder/out`, with that commit's code.

    Raises:
        BaseError: when git does not know the commit, or its code does not synthesize.
    """
    code, out = folder / "code", folder / "out"
    with tarfile.open(fileobj=BytesIO(_archive(ref))) as archive:
        archive.extractall(code, filter="data")
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


def _archive(ref: str) -> bytes:
    # A name that begins with a dash would be an option of git's.
    if ref.startswith("-"):
        message = f"--base {ref}: is no name of a commit"
        raise BaseError(message)
    try:
        return subprocess.run(  # noqa: S603 - the name is checked above
            ["git", "archive", "--format=tar", ref],  # noqa: S607 - git is where the user has it
            cwd=_ROOT,
            capture_output=True,
            check=True,
        ).stdout
    except FileNotFoundError:
        message = f"--base {ref}: git is not installed"
        raise BaseError(message) from None
    except subprocess.CalledProcessError as error:
        message = f"--base {ref}: {error.stderr.decode(errors='replace').strip()}"
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
