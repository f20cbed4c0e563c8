"""boto3 clients for IoT Core with short timeouts and client-side rate limiting.

Retry mode `adaptive` slows down when AWS throttles:
docs.aws.amazon.com/boto3/latest/guide/retries.html
"""

from dataclasses import dataclass
from typing import Any, cast

import boto3
from botocore.config import Config

from functions.registry.access.errors import translated_errors
from functions.registry.access.region import Client

_CONFIG = Config(
    connect_timeout=3,
    read_timeout=10,
    retries={"mode": "adaptive", "total_max_attempts": 4},
)


@dataclass(frozen=True)
class Clients:
    """The clients of a region's registry (`iot`) and of its shadows (`iot-data`)."""

    iot: Client
    iot_data: Client


def clients(region: str) -> Clients:
    """Create the clients of a region.

    Raises RetryableError if DescribeEndpoint fails for now, ClientError if it is not allowed. The
    endpoint of shadows is specific to the account:
    docs.aws.amazon.com/iot/latest/apireference/API_DescribeEndpoint.html
    """
    client = cast("Any", boto3).client
    iot = client("iot", region, config=_CONFIG)
    data_url = _shadow_endpoint(iot, region)
    return Clients(iot, client("iot-data", region, endpoint_url=data_url, config=_CONFIG))


def _shadow_endpoint(iot: Client, region: str) -> str:
    with translated_errors(f"endpoint of {region}"):
        answer = iot.describe_endpoint(endpointType="iot:Data-ATS")
    return f"https://{answer['endpointAddress']}"
