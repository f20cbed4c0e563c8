"""Working copies of synthesized stacks, in which Terraform may leave its files."""

import re
import shutil
from pathlib import Path

from environments.errors import SettingsError
from environments.project import project_root
from iot_dr.common.user_error import UserError
from iot_dr.terraform_json.files import STACK_FILE, files_below

_LEFT_BY_TERRAFORM = shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.tfplan")

# Where cdktf copies a module of the project, and Terraform one whose path is absolute.
_COPY = re.compile(r"(?:assets|\.terraform/modules)/[^\s:\"]+\.tf(?:\.json)?\b")


class StackNotFoundError(UserError):
    """A folder contains no synthesized stack."""


def copy_stack(stack: Path, folder: Path) -> None:
    """Copy a stack's file and assets, unedited, to `folder`, which must not exist.

    Lock files are not copied, so that the stand-in's and the real provider's cannot mix. Raises
    StackNotFoundError if `stack` has no `cdk.tf.json`.
    """
    if not (stack / STACK_FILE).is_file():
        raise StackNotFoundError(f"{stack}: no {STACK_FILE} here; synthesize the stack first")
    shutil.copytree(stack, folder, ignore=_LEFT_BY_TERRAFORM)


def with_sources(folder: Path, output: str) -> str:
    """Return Terraform's output in a folder with files of the project instead of their copies.

    A copy is known by its name and content; all files with these are named.
    """
    return _COPY.sub(lambda copy: _source(folder / copy[0]) or copy[0], output)


def _source(copy: Path) -> str | None:
    try:
        content, root = copy.read_bytes(), project_root()
        named = (file for file in files_below(root) if file.name == copy.name)
        same = (file for file in named if file.read_bytes() == content)
        return " or ".join(str(file.relative_to(root)) for file in same) or None
    except (OSError, SettingsError):
        return None  # what Terraform says counts
