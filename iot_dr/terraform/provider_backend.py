"""Combinations of provider and backend that are refused."""

from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from iot_dr.common.user_error import UsageError
from iot_dr.terraform.stack_document import StackDocument

_ENDPOINTS = "AWS_ENDPOINT_URL"
_OWN_ENDPOINT = ("endpoint", "endpoints")


class ProviderMismatchError(UsageError):
    """The stand-in provider with a real backend, or the real provider with the sandbox."""


def refuse_sandbox(environment: Mapping[str, str]) -> None:
    """Raise ProviderMismatchError if an `AWS_ENDPOINT_URL` variable points to this machine."""
    for name, address in sorted(environment.items()):
        if name.startswith(_ENDPOINTS) and _is_on_this_machine(address):
            message = (
                f"{name}={address}: PROVIDER=aws makes real resources, and their state would be"
                " kept on this machine; unset the variable, or use PROVIDER=standin"
            )
            raise ProviderMismatchError(message)


def refuse_real_backend(stacks: Path) -> None:
    """Raise ProviderMismatchError if the sandbox cannot serve a backend of the stacks in a folder.

    Raises StackNotFoundError for a subfolder without a synthesized stack.
    """
    for folder in sorted(path for path in stacks.iterdir() if path.is_dir()):
        kind, settings = StackDocument.read(folder).backend
        own = [f"{key} = {settings[key]!r}" for key in _OWN_ENDPOINT if settings.get(key)]
        if kind != "s3" or own:
            where = f"an S3 backend with {own[0]}" if own else f"the backend {kind!r}"
            message = (
                f"{folder.name}: PROVIDER=standin makes ids up, so it works with the sandbox alone,"
                f" and this stack keeps its state in {where}; use PROVIDER=aws"
            )
            raise ProviderMismatchError(message)


def _is_on_this_machine(address: str) -> bool:
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return False
    try:
        number = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return number.is_loopback or number.is_unspecified
