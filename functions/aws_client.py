"""boto3's clients with short timeouts."""

from typing import Any, cast

_CONNECT_SECONDS = 1
_READ_SECONDS = 2
CALL_SECONDS = _CONNECT_SECONDS + _READ_SECONDS
"""Seconds: the maximum of one attempt at one address, without the DNS lookup."""


def client(service: str, region: str, *, attempts: int = 1) -> Any:  # noqa: ANN401 - boto3 has no types
    """Return a service's client in a region, whose calls end within `attempts` * CALL_SECONDS.

    The pauses between attempts come on top.
    """
    # Imported late: a large part of a cold start, and not every invocation needs it.
    import boto3  # noqa: PLC0415 - see above
    from botocore.config import Config  # noqa: PLC0415 - as above

    config = Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": attempts},
    )
    return cast("Any", boto3).client(service, region, config=config)
