"""Environment variables with which cdktf's Terraform finds its provider and its states."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from environments.settings import Settings
from iot_dr.delivery.sandbox_run import sandbox_folder
from iot_dr.terraform.plugins import plugin_cache
from iot_dr.terraform.provider_backend import refuse_sandbox
from iot_dr.terraform.variables import aws_variables, standin_variables
from iot_dr.terraform_json.provider_choice import Provider


@contextmanager
def terraform_variables(
    provider: Provider, settings: Settings, stacks: Path
) -> Generator[dict[str, str]]:
    """Yield the variables; with the stand-in, it and the sandbox run during the block.

    Raises ProviderMismatchError if provider and backend do not go together, and what
    `standin_variables` raises.
    """
    if provider is Provider.AWS:
        refuse_sandbox(os.environ)
        yield aws_variables(plugin_cache())
        return
    sandbox = sandbox_folder(settings.environment)
    with standin_variables(settings, stacks, sandbox) as variables:
        yield variables
