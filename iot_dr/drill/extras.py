"""Check for the packages that only the drill needs."""

from typing import Final

from iot_dr.common.extra import require_packages

_PACKAGES: Final = ("boto3", "dask", "dnslib", "matplotlib", "moto", "numpy", "uvloop")


def require_extra() -> None:
    """Raise MissingExtraError, with the command to run, if a package of the extra is missing."""
    require_packages("the drill", _PACKAGES, "drill")
