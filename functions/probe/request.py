"""The signed request that publishes one message."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

# The SDKs' own; the device gateway's other name, iotdevicegateway, is accepted too:
# botocore/data/iot-data/2015-05-28/service-2.json, github.com/aws/aws-iot-device-sdk-js/issues/150.
_SERVICE = "iotdata"
_MESSAGE = b'{"from":"iot-dr"}'


@dataclass(frozen=True, kw_only=True)
class Topic:
    """Where a message goes: a name of the broker, the region that it stands in, and the topic."""

    host: str
    region: str
    topic: str


def publish_request(to: Topic, variables: Mapping[str, str] = os.environ) -> bytes:
    """Give the HTTP/1.1 request that publishes a message at least once (QoS 1).

    Credentials are those that Lambda puts into the function's `variables`. Raises KeyError when
    there are none. Sources, below docs.aws.amazon.com: iot/latest/developerguide/http.html,
    lambda/latest/dg/configuration-envvars.html.
    """
    path = f"/topics/{quote(to.topic, safe='')}?qos=1"
    unsigned = AWSRequest(method="POST", url=f"https://{to.host}{path}", data=_MESSAGE)
    _sign(unsigned, to.region, variables)
    headers = {
        "Host": to.host,
        "Content-Length": str(len(_MESSAGE)),
        "Connection": "close",
        **cast("Mapping[str, str]", unsigned.headers),
    }
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + _MESSAGE


def _sign(request: AWSRequest, region: str, variables: Mapping[str, str]) -> None:
    credentials = Credentials(
        variables["AWS_ACCESS_KEY_ID"],
        variables["AWS_SECRET_ACCESS_KEY"],
        variables.get("AWS_SESSION_TOKEN"),
    )
    cast("Any", SigV4Auth(credentials, _SERVICE, region)).add_auth(request)
