"""A scratch copy of a synthesized stack, in which Terraform may leave its files."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from iot_dr.terraform.engine import Engine
from iot_dr.terraform.terraform import Terraform

STACK_FILE: Final = "cdk.tf.json"
"""The file that cdktf writes for each stack."""

_LEFT_BY_TERRAFORM = shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.tfplan")


class StackNotFoundError(Exception):
    """A folder holds no synthesized stack."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folder of one stack's run: the stack's JSON unedited, and nothing of other runs.

    A lock file never leaves it, so that the stand-in's and the real provider's cannot mix.
    """

    folder: Path

    @classmethod
    def copy_of(cls, stack: Path, folder: Path) -> "Workspace":
        """Copy the stack's file and assets to `folder`, which must not exist yet.

        Raises:
            StackNotFoundError: when `stack` holds no `cdk.tf.json`.
        """
        if not (stack / STACK_FILE).is_file():
            raise StackNotFoundError(f"{stack}: no {STACK_FILE} here; synthesize the stack first")
        shutil.copytree(stack, folder, ignore=_LEFT_BY_TERRAFORM)
        return cls(folder)

    def terraform(self, settings: Mapping[str, str], engine: Engine) -> Terraform:
        """Give Terraform, bound to this folder."""
        return Terraform(self.folder, settings, engine)
