"""The tables of devices' data: one owner, a replica in each region."""

from itertools import product

import pytest

from stacks.device_data import device_data
from tests.support.settings import REGIONS, settings
from tests.support.synthesis import Synthesis
from tests.support.template import Template


def data_stack(synthesis: Synthesis, **changes: object) -> Template:
    return synthesis(settings(data={}, **changes))["iot-dev-data"]


@pytest.mark.parametrize(
    ("count", "home"),
    [
        (2, 0),
        (5, 1),
        *(
            pytest.param(*case, marks=pytest.mark.exhaustive)
            for case in product((2, 3, 4, 5), (0, 1))
            if case not in {(2, 0), (5, 1)}
        ),
    ],
)
def test_home_owns_each_table_for_every_other_region(
    count: int, home: int, synthesis: Synthesis
) -> None:
    regions = list(REGIONS[:count])
    stack = data_stack(synthesis, regions=regions, home_region=regions[home])
    assert list(stack.providers) == [regions[home].replace("-", "_")]
    assert stack.backend["region"] == regions[home]
    tables = stack.resources("aws_dynamodb_table")
    assert {name: table["name"] for name, table in tables.items()} == {
        "device_state": "example-dev-device-state",
        "device_registry": "example-dev-device-registry",
    }
    for table in tables.values():
        replicas = [each["region_name"] for each in table["replica"]]
        assert sorted(replicas) == sorted({*regions} - {regions[home]})


def test_a_region_that_is_leaving_keeps_its_replicas_while_its_stacks_stand(
    synthesis: Synthesis,
) -> None:
    stack = data_stack(synthesis, regions=list(REGIONS[:2]), leaving_regions=[REGIONS[2]])
    for table in stack.resources("aws_dynamodb_table").values():
        assert [each["region_name"] for each in table["replica"]] == [REGIONS[1], REGIONS[2]]


def test_the_settings_say_how_far_back_it_can_be_restored(synthesis: Synthesis) -> None:
    stack = synthesis(settings(data={"point_in_time_days": 3}))["iot-dev-data"]
    for table in stack.resources("aws_dynamodb_table").values():
        assert table["point_in_time_recovery"]["recovery_period_in_days"] == 3


def test_each_region_has_items_of_its_own(synthesis: Synthesis) -> None:
    tables = data_stack(synthesis).resources("aws_dynamodb_table")
    keys = {name: (each["hash_key"], each["range_key"]) for name, each in tables.items()}
    assert keys == {"device_state": ("device", "region"), "device_registry": ("entity", "region")}


def test_only_what_is_deleted_in_the_registry_goes_by_itself(synthesis: Synthesis) -> None:
    tables = data_stack(synthesis).resources("aws_dynamodb_table")
    assert "ttl" not in tables["device_state"]
    assert tables["device_registry"]["ttl"] == {"attribute_name": "expires", "enabled": True}


def test_an_environment_without_the_block_has_none_of_these_stacks(synthesis: Synthesis) -> None:
    without = {name for name in synthesis(settings()) if "data" in name or "telemetry" in name}
    assert without == set()
    with pytest.raises(ValueError, match="dev has no data block"):
        device_data(settings())
