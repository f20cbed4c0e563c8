"""The store of a provider's states: the sandbox's S3, or AWS's."""

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.delivery.sandbox_run import sandbox_folder
from iot_dr.observe.state.store import Store
from iot_dr.terraform.runtime import RUNTIME
from iot_dr.terraform.sandbox.exclusive_run import shared_run
from iot_dr.terraform_json.provider_choice import Provider


class NoSandboxError(UserError):
    """The environment has no sandbox."""


@contextmanager
def open_store(settings: Settings, provider: Provider) -> Generator[Store]:
    """Yield the store for a `with` block.

    Raises NoSandboxError if the environment has no sandbox, SandboxError if it cannot start.
    """
    if provider is Provider.AWS:
        yield Store(settings.deploy_role_arn)
        return
    folder = existing_sandbox(settings)
    with sandbox_store(settings, folder) as store:
        yield store


def existing_sandbox(settings: Settings) -> Path:
    """Return the folder of an environment's sandbox; raises NoSandboxError if it has none."""
    folder = sandbox_folder(settings.environment)
    if not folder.is_dir():
        message = (
            f"{folder}: there is no sandbox; make one with `iot-dr state init --env"
            f" {settings.environment} --provider standin`, or name the provider aws"
        )
        raise NoSandboxError(message)
    return folder


@contextmanager
def sandbox_store(settings: Settings, folder: Path) -> Generator[Store]:
    """Yield the store of a sandbox; this process's AWS variables are replaced while it is open.

    Raises SandboxError if the sandbox cannot start or is being removed.
    """
    with (
        shared_run(folder),
        RUNTIME.get().sandbox(folder, settings.account_id) as sandbox,
        _variables(sandbox.environment),
    ):
        yield Store(settings.deploy_role_arn)


@contextmanager
def _variables(given: Mapping[str, str]) -> Generator[None]:
    # boto3 reads them when it creates a client, and takes an empty one for a value.
    before = dict(os.environ)
    # Requests to the sandbox on this machine must not go through a proxy.
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1"
    for name, value in given.items():
        if value:
            os.environ[name] = value
        else:
            os.environ.pop(name, None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
