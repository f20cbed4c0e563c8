"""The time to live that Route 53's records accept."""

from typing import Final

from modules.inputs import require
from modules.number import Number, is_within

_LONGEST: Final = 2**31 - 1


def require_valid_ttl(module: type, ttl: Number) -> None:
    """Raise InputError unless the TTL is 0 to 2147483647 seconds.

    docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html
    """
    require(is_within(ttl, 0, _LONGEST), module, "ttl", ttl, f"0 to {_LONGEST} seconds")
