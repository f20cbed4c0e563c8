"""Check that the packages of an optional part of the project are installed."""

from collections.abc import Sequence
from importlib.util import find_spec

from iot_dr.common.user_error import UsageError


class MissingExtraError(UsageError):
    """An extra of the project is not installed."""


def require_packages(of: str, packages: Sequence[str], remedy: str) -> None:
    """Raise MissingExtraError, with the remedy, if a package that `of` needs is missing."""
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        message = f"{of} needs what is not installed here ({', '.join(missing)}): {remedy}"
        raise MissingExtraError(message)
