"""boto3's clients for IoT Core: TLS, bounded time, and slower when AWS throttles."""

from dataclasses import dataclass
from typing import Any, cast

import boto3
from botocore.config import Config

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


def clients(region: str) -> Clients:
    """Make a region's clients; raises NotYet when AWS does not tell the endpoint for shadows."""
    client = cast("Any", boto3).client
    iot = client("iot", region, config=_CONFIG)
    data_url = _data_url(iot, region)
    return Clients(iot, client("iot-data", region, endpoint_url=data_url, config=_CONFIG))


def _data_url(iot: Client, region: str) -> str:
    with told(f"endpoint of {region}"):
        answer = iot.describe_endpoint(endpointType="iot:Data-ATS")
    return f"https://{answer['endpointAddress']}"
