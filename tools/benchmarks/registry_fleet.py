"""Two regions behind HTTP, each in its own process and a round trip away, and a fleet."""

import base64
import json
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from functions.registry.access import RegistryAccess
from functions.registry.capture import Capture
from functions.registry.entity import Kind
from functions.registry.stamp import HybridClock
from functions.registry.table import RegistryTable
from iot_dr.drill.play.account import client
from tests.support.registry_table import create_registry_table
from tools.benchmarks.registry_region import ACCOUNT

SOURCE, TARGET = "eu-west-1", "eu-central-1"
TABLE = "device-registry"


@dataclass(frozen=True)
class Region:
    """A region, and boto3's clients of it; `near` are those without the round trip."""

    name: str
    iot: Any
    iot_data: Any
    dynamodb: Any
    near: tuple[Any, Any, Any]
    endpoint: str

    def access(self) -> RegistryAccess:
        """The library's access to the region."""
        return RegistryAccess(self.iot, self.iot_data, self.name, ACCOUNT)

    def log(self) -> RegistryTable:
        """The region's table."""
        return RegistryTable(self.dynamodb, TABLE)


@contextmanager
def region(name: str, round_trip: float) -> Generator[Region]:
    """Serve an empty region whose answers take so many more seconds."""
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "tools.benchmarks.registry_region",
        str(round_trip),
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603 - our own program
        if process.stdin is None or process.stdout is None:
            raise RuntimeError(command)
        near, far = process.stdout.readline().decode().split()
        services = ("iot", "iot-data", "dynamodb")
        iot, data, dynamodb = (client(service, name, far) for service in services)
        create_registry_table(dynamodb, TABLE)
        near_clients = tuple(client(each, name, near) for each in services)
        yield Region(name, iot, data, dynamodb, near_clients, near)
        process.stdin.close()


def put_fleet(region: Region, devices: int, shadows: int) -> None:
    """Create things with a type, a group, a certificate and its policy, and some shadows."""
    iot, data, _ = region.near
    iot.create_thing_type(thingTypeName="sensor")
    iot.create_thing_group(thingGroupName="hall-3")
    document = json.dumps({"Version": "2012-10-17", "Statement": []})
    iot.create_policy(policyName="publish", policyDocument=document)
    for number in range(devices):
        name = f"sensor-{number}"
        registered = iot.register_certificate_without_ca(
            certificatePem=_pem(number), status="ACTIVE"
        )
        arn = registered["certificateArn"]
        iot.attach_policy(policyName="publish", target=arn)
        iot.create_thing(thingName=name, thingTypeName="sensor")
        iot.attach_thing_principal(thingName=name, principal=arn)
        iot.add_thing_to_thing_group(thingName=name, thingGroupName="hall-3")
        if number < shadows:
            shadow = json.dumps({"state": {"desired": {"n": number}, "reported": {"n": 0}}})
            data.update_thing_shadow(thingName=name, payload=shadow.encode())


def write_down(region: Region) -> None:
    """Write the rows of a region's registry, as its functions do."""
    iot, data, dynamodb = region.near
    access = RegistryAccess(iot, data, region.name, ACCOUNT)
    log = RegistryTable(dynamodb, TABLE)
    capture = Capture(access=access, table=log, clock=HybridClock(region.name))
    for kind in (each for each in Kind if each is not Kind.CA_CERTIFICATE):
        for page in access.entities(kind):
            for entity in page.entities:
                capture(entity)


def _pem(number: int) -> str:
    # The emulator accepts any text, and derives the id from it.
    body = base64.b64encode(f"certificate {number:06}".encode()).decode()
    return f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"
