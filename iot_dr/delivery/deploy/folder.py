"""The working folder of an environment's deployments."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from iot_dr.common.run_folder import UNWRITTEN_STATE
from iot_dr.common.terraform_binary import product, program
from iot_dr.common.user_error import UserError

ROOT: Final = Path(".deploy")
"""The parent of these folders, below the working directory."""

RUNS: Final = "runs"
"""The subfolder of run files, which Terraform locks while it runs."""


class DeployFolderError(UserError):
    """The folder is in use, or contains a state that exists nowhere else."""


@contextmanager
def deploy_folder(
    environment: str, root: Path = ROOT, use: str = "deploy or destroy"
) -> Generator[Path]:
    """Yield the environment's folder, locked against every other use for a `with` block.

    It stays on disk: Terraform leaves a state here that it cannot write to its backend. Raises
    DeployFolderError if another `use` is running, if Terraform of a killed run still is, or if a
    state was left here.
    """
    folder = root / environment
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Kept out of version control, since a state may be left in it.
    (root / ".gitignore").write_text("*\n", encoding="utf-8")
    handle = os.open(folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        _lock(handle, folder, use)
        _refuse_running(folder / RUNS)
        _refuse_unwritten_state(folder)
        yield folder
    finally:
        os.close(handle)


def _lock(handle: int, folder: Path, use: str) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        message = f"{folder}: another {use} of {folder.name} runs here; wait for it"
        raise DeployFolderError(message) from None


def _refuse_running(runs: Path) -> None:
    if not runs.is_dir():
        return
    handle = os.open(runs, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        message = (
            f"{runs.parent}: {product()} still ends what a run that was killed has begun;"
            " wait for it"
        )
        raise DeployFolderError(message) from None
    finally:
        os.close(handle)


def _refuse_unwritten_state(folder: Path) -> None:
    for state in sorted(folder.rglob(UNWRITTEN_STATE)):
        message = (
            f"{state}: an earlier run could not write this state to its backend, and it is nowhere"
            f" else; in {state.parent} run `{program()} init` and `{program()} state push"
            f" {UNWRITTEN_STATE}`, delete the file, and begin again (just delete it if the"
            " stand-in made it up)"
        )
        raise DeployFolderError(message)
