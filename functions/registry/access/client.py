"""boto3's clients for IoT Core: TLS, bounded time, and slower when AWS throttles."""

from dataclasses import dataclass
from typing import Any, cast

import boto3  # pyright: ignore[reportMissingTypeStubs] - boto3 has no types
from botocore.config import Config  # pyright: ignore[reportMissingTypeStubs] - nor botocore

from functions.registry.access.errors import told
from functions.registry.access.region import Client

_CONFIG = Config(
    connect_timeout=3,
    read_timeout=10,
    retries={"mode": "adaptive", "total_max_attempts": 4},
)


@dataclass(frozen=True)
class Clients:
    """The clients of a region's registry and of its shadows."""

    iot: Client
    iot_data: Client


def clients(region: str, endpoint_url: str | None = None) -> Clients:
    """Make a region's clients; `endpoint_url` stands for both services, as an emulator's does.

    Raises NotYet when AWS does not tell the account's endpoint for shadows just now.
    """
    client = cast("Any", boto3).client
    iot = client("iot", region, endpoint_url=endpoint_url, config=_CONFIG)
    data_url = endpoint_url or _data_url(iot, region)
    return Clients(iot, client("iot-data", region, endpoint_url=data_url, config=_CONFIG))


def _data_url(iot: Client, region: str) -> str:
    with told(f"endpoint of {region}"):
        answer = iot.describe_endpoint(endpointType="iot:Data-ATS")
    return f"https://{answer['endpointAddress']}"
