"""Whether the packages are installed that only the drill needs."""

from importlib.util import find_spec
from typing import Final

from iot_dr.user_error import UsageError

_PACKAGES: Final = ("boto3", "dask", "dnslib", "matplotlib", "moto", "numpy", "uvloop")


class MissingExtraError(UsageError):
    """The extra `drill` is not installed."""


def require_extra() -> None:
    """Raise MissingExtraError where a package of the extra is missing, which says what to do."""
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        message = (
            f"the drill needs what is not installed here ({', '.join(missing)}): run `make drill`,"
            ' which installs it, or `pip install --editable ".[drill]"`'
        )
        raise MissingExtraError(message)
