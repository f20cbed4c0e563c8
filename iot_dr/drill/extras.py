"""Whether the packages are installed that only the drill needs."""

from typing import Final

from iot_dr.common.extra import require_packages

_PACKAGES: Final = ("boto3", "dask", "dnslib", "matplotlib", "moto", "numpy", "uvloop")


def require_extra() -> None:
    """Raise MissingExtraError where a package of the extra is missing, which says what to do."""
    require_packages("the drill", _PACKAGES, "drill")
