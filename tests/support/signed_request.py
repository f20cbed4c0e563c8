"""Requests to AWS IoT's HTTPS publish, signed as by the AWS SDK and in an HTTP server's form."""

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from iot_dr.design.policy import Grants
from iot_dr.drill.rig.region.https_server import HttpRequest
from iot_dr.drill.rig.region.region_config import Role

REGION = "eu-west-1"
HOST = "mqtt-eu-west-1.iot-dev.example.com"
TOPIC = f"arn:aws:iot:{REGION}:111111111111:topic/iot-dr/dev/canary"
ROLE = Role.generate(Grants((({"Effect": "Allow", "Action": "iot:Publish", "Resource": TOPIC},),)))
ROLES = {ROLE.key_id: ROLE}


def signed(  # noqa: PLR0913 - what a request is made of, each with a good one to begin with
    path: str = "/topics/iot-dr%2Fdev%2Fcanary?qos=1",
    body: bytes = b"{}",
    region: str = REGION,
    role: Role = ROLE,
    *,
    service: str = "iotdata",
    method: str = "POST",
) -> HttpRequest:
    """Sign a request to a path with its query."""
    unsigned = AWSRequest(method=method, url=f"https://{HOST}{path}", data=body)
    credentials = Credentials(role.key_id, role.secret_key, role.token)
    cast("Any", SigV4Auth(credentials, service, region)).add_auth(unsigned)
    headers = cast("Mapping[str, str]", unsigned.headers)
    split = urlsplit(path)
    return HttpRequest(
        method=method,
        path=split.path,
        query=split.query,
        headers={"host": HOST, **{name.lower(): value for name, value in headers.items()}},
        body=body,
    )
