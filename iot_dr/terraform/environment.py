"""Environment variables for Terraform."""

import os
from collections.abc import Mapping

# Variables of a user's shell that are meant for other Terraform runs and would change ours.
_FOREIGN_PREFIXES = ("TF_CLI_ARGS", "TF_VAR_")
_FOREIGN = frozenset(("TF_DATA_DIR", "TF_WORKSPACE", "TF_REATTACH_PROVIDERS"))
_QUIET = {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}


def terraform_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return this process's variables, without those for other runs, for a run without prompts.

    `settings` override all of them.
    """
    own = {name: value for name, value in os.environ.items() if not _is_foreign(name)}
    return {**own, **_QUIET, **settings}


def _is_foreign(name: str) -> bool:
    return name in _FOREIGN or name.startswith(_FOREIGN_PREFIXES)
