"""The Terraform or OpenTofu that runs, by its variable."""

import os
from pathlib import Path
from typing import Final

BINARY_VARIABLE: Final = "TERRAFORM_BINARY_NAME"
"""The environment variable with a Terraform binary to use; cdktf reads it too."""

REGISTRIES: Final = ("registry.terraform.io", "registry.opentofu.org")
"""The hosts that providers without one come from: Terraform's and OpenTofu's default."""


def product(program: str = "") -> str:
    """Return the name of a program, by default of what runs: `Terraform` or `OpenTofu`.

    OpenTofu's `version -json` has Terraform's keys, and not its own name.
    """
    name = Path(program or os.environ.get(BINARY_VARIABLE, "")).name
    return "OpenTofu" if name.startswith("tofu") else "Terraform"


def program() -> str:
    """Return the command that runs it, as the user names it: `terraform`, `tofu` or a path."""
    return os.environ.get(BINARY_VARIABLE) or "terraform"


def program_name() -> str:
    """Return the last part of `program`, for messages: nobody types them."""
    return Path(program()).name
