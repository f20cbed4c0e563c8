"""Working copies of synthesized stacks, in which Terraform may leave its files."""

import shutil
from pathlib import Path

from iot_dr.common.user_error import UserError
from iot_dr.terraform_json.files import STACK_FILE

"""The file that cdktf writes for each stack."""

_LEFT_BY_TERRAFORM = shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.tfplan")


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
