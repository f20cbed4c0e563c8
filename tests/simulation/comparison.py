"""Calls of a comparison for each device, and the hours that it takes by quotas and rate."""

from collections import Counter
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from environments.data import Data
from tests.simulation.api import BOTH
from tests.simulation.code import Code
from tests.simulation.iot_core import certificate
from tests.simulation.world import World

FLEETS = (100_000, 1_000_000)
_PAGE = 250
_HOUR = 3600
_SLOWEST = ("list_thing_principals_v2", "describe_certificate")
"""The calls with the lowest quotas: ten a second by default."""


@dataclass(frozen=True)
class ComparisonCalls:
    """Calls for each device by service, and hours by the number of devices."""

    calls: dict[str, float]
    hours: dict[int, float]


class _Counting(World):
    """A world that counts the calls of functions, but not scans: a page is a megabyte of rows."""

    def __init__(self) -> None:
        super().__init__(1, [Code(), Code()])
        self.services, self.names = Counter[str](), Counter[str]()

    def call(self, client: Any, name: str, request: dict[str, Any]) -> Any:
        if name not in ("scan", "describe_endpoint"):
            self.services[client.service] += 1
            self.names[name] += 1
        return super().call(client, name, request)

    def clear(self) -> None:
        self.services.clear()
        self.names.clear()


def compared_calls(devices: int) -> ComparisonCalls:
    """Count the calls of a comparison of devices with a certificate and a shadow each.

    All is recorded already, as in a fleet that runs.
    """
    # The simulation has small pages, so that callers follow cursors.
    with patch("tests.simulation.things._PAGE", _PAGE):
        world = _Counting()
        region = world.regions[0]
        _make(world.client(BOTH, region), devices)
        assert world.settle()
        world.clear()
        world.compare(region)
        assert world.drain()
    slowest = max(world.names[name] for name in _SLOWEST) / devices
    rate = Data().reconcile_rate
    return ComparisonCalls(
        {service: count / devices for service, count in world.services.items()},
        {fleet: fleet * slowest / rate / _HOUR for fleet in FLEETS},
    )


def _make(aws: Any, devices: int) -> None:
    aws.create_policy(policyName="fleet", policyDocument="{}")
    payload = b'{"state": {"desired": {"a": 1}, "reported": {"a": 1}}}'
    for number in range(devices):
        pem, name = certificate(number)
        arn, thing = aws.target.arn(f"cert/{name}"), f"t{number}"
        aws.register_certificate_without_ca(certificatePem=pem, status="ACTIVE")
        aws.attach_policy(policyName="fleet", target=arn)
        aws.create_thing(thingName=thing)
        aws.attach_thing_principal(thingName=thing, principal=arn)
        aws.update_thing_shadow(thingName=thing, payload=payload)
