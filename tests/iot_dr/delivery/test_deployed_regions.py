"""The deployed regions of an environment, read from made-up states."""

import json
from itertools import permutations
from typing import Any

import pytest

from functions.contract import switch_alarm_regions
from iot_dr.delivery.deployed_regions import deployed_regions
from iot_dr.delivery.region_steps import DeployedRegions
from stacks.state_location import StateLocation
from tests.support.settings import REGIONS, settings
from tests.support.state_files import state_file, state_resource

ORDERS = [
    (order, home)
    for count in (2, 3, 4, 5)
    for order in permutations(REGIONS[:count])
    for home in order[:: count - 1]
]
SETTINGS = settings()
EMPTY = json.loads(state_file())


def states(order: tuple[str, ...], home: str) -> dict[str, dict[str, Any]]:
    """Return the states of the state's stack and of the entry point, by a part of their keys."""
    buckets = [
        state_resource("aws_s3_bucket.state", region, bucket=f"bucket-{region}")
        for region in sorted(order)
    ]
    rules = [
        {"priority": number, "destination": [{"bucket": f"arn:aws:s3:::bucket-{region}"}]}
        for number, region in enumerate((each for each in order if each != home), 1)
    ]
    replication = state_resource(
        "aws_s3_bucket_replication_configuration.state",
        home,
        bucket=f"bucket-{home}",
        # Whoever reads them back may have them in another order.
        rule=rules[::-1],
    )
    alarms = [
        state_resource(
            f"aws_cloudwatch_metric_alarm.switch_{region}_in_{alarm_region}".replace("-", "_"),
            alarm_region,
        )
        for region in order
        for alarm_region in switch_alarm_regions(order, region)
    ]
    return {
        "state": {**EMPTY, "resources": [*buckets, replication]},
        "entry-point": {
            **EMPTY,
            "resources": alarms,
            "outputs": {"primary_region": {"value": order[-1]}},
        },
    }


def read(stored: dict[str, dict[str, Any]], location: StateLocation) -> bytes | None:
    name = location.key.removeprefix("dev/iot-dev-").removesuffix(".tfstate")
    return json.dumps(stored[name]).encode() if name in stored else None


def alarm_regions(order: tuple[str, ...]) -> dict[str, set[str]]:
    return {region: {*switch_alarm_regions(order, region)} for region in order}


def test_every_order_that_decides_an_alarm_region_is_found_again() -> None:
    for order, home in ORDERS:
        stored = states(order, home)
        result = deployed_regions(SETTINGS, lambda place, stored=stored: read(stored, place))
        assert result.primary == order[-1]
        assert alarm_regions(result.regions) == alarm_regions(order), (order, home)
        others = [region for region in order if region != home]
        assert [region for region in result.regions if region != home] == others


def test_before_the_entry_point_home_is_first() -> None:
    stored = states(REGIONS[:3], REGIONS[0])
    stored["entry-point"] = EMPTY
    result = deployed_regions(SETTINGS, lambda place: read(stored, place))
    assert result == DeployedRegions(regions=REGIONS[:3])


@pytest.mark.parametrize(
    "content", [None, b"", b"[]", b"not JSON", b'{"outputs": null, "resources": [1]}']
)
def test_without_a_readable_state_nothing_is_deployed(content: bytes | None) -> None:
    assert deployed_regions(SETTINGS, lambda _: content) == DeployedRegions()


@pytest.mark.parametrize("declared", [(), ("eu-north-1",)])
def test_the_record_of_abandoned_regions_is_read_only_for_one_that_has_resources(
    declared: tuple[str, ...],
) -> None:
    stored = states(REGIONS[:2], REGIONS[0])
    stored["state"]["outputs"] = {"leaving_regions": {"value": ["eu-north-1"]}}
    left = [state_resource("aws_a.a", "eu-north-1")] * len(declared)
    stored["iot-eu-north-1"] = {**EMPTY, "resources": left}

    def fetch(place: StateLocation) -> bytes | None:
        # The roles of a pipeline cannot read it.
        assert not place.key.endswith("abandoned.json")
        return read(stored, place)

    chosen = settings(leaving_regions=list(declared))
    assert deployed_regions(chosen, fetch).leaving == ()
