from collections.abc import Callable
from typing import Any

import pytest

from iot_dr.terraform.standin.applying import apply_plan
from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.identity import Origin
from iot_dr.terraform.standin.services import behaviour_of
from iot_dr.terraform.standin.values import UNKNOWN
from tests.iot_dr.terraform.standin.services.kind import ACCOUNT, Kind
from tests.iot_dr.terraform.standin.services.resources import REPLICA

HERE, OTHER = "eu-west-1", "eu-central-1"


@pytest.fixture
def table(kind: Callable[[str], Kind]) -> Kind:
    return kind("aws_dynamodb_table")


def looked_up(cache: SchemaCache, region: str) -> dict[str, Any]:
    name, block = "aws_dynamodb_table", cache.block("data", "aws_dynamodb_table")
    asked = dict.fromkeys(block.attributes, UNKNOWN) | {"name": "device-state"}
    blocks: dict[str, Any] = {each: [] for each in block.blocks}
    return apply_plan(
        name, block, behaviour_of("data", name), asked | blocks, Origin(ACCOUNT, region)
    )


def test_a_table_is_known_by_its_name(table: Kind) -> None:
    made = table.apply()
    assert made["id"] == "device-state"
    assert made["arn"] == f"arn:aws:dynamodb:{HERE}:{ACCOUNT}:table/device-state"
    assert made["stream_arn"] == f"{made['arn']}/stream/{made['stream_label']}"


def test_each_region_finds_the_stream_that_the_owner_says_it_has(
    table: Kind, cache: SchemaCache
) -> None:
    made = table.apply()
    (replica,) = made["replica"]
    assert replica["arn"] == f"arn:aws:dynamodb:{OTHER}:{ACCOUNT}:table/device-state"
    for region, owned in ((HERE, made), (OTHER, replica)):
        looked_up_table = looked_up(cache, region)
        for name in ("arn", "stream_arn", "stream_label"):
            assert looked_up_table[name] == owned[name]
    assert looked_up(cache, HERE)["stream_arn"] != looked_up(cache, OTHER)["stream_arn"]


def test_a_table_without_a_stream_has_none(table: Kind) -> None:
    made = table.apply(stream_enabled=None, stream_view_type=None, replica=[])
    assert (made["stream_arn"], made["stream_label"]) == ("", "")


def test_a_table_takes_the_defaults_that_a_plan_shows(table: Kind) -> None:
    planned = table.plan(billing_mode=None)
    assert planned["billing_mode"] == "PROVISIONED"
    for name in ("point_in_time_recovery", "read_capacity", "server_side_encryption", "ttl"):
        assert planned[name] == UNKNOWN, name
    (replica,) = planned["replica"]
    assert (replica["arn"], replica["stream_arn"]) == (UNKNOWN, UNKNOWN)
    assert replica["consistency_mode"] == "EVENTUAL"


def test_a_second_plan_changes_nothing(table: Kind) -> None:
    recovery = [{"enabled": True}]
    for changes in ({}, {"point_in_time_recovery": recovery, "ttl": [{"attribute_name": "x"}]}):
        made = table.apply(**changes)
        kept = table.changed(made, **changes)
        assert kept["replica"] == made["replica"]
    (recovery_made,) = table.apply(point_in_time_recovery=recovery)["point_in_time_recovery"]
    assert recovery_made == {"enabled": True, "recovery_period_in_days": 35}


def test_a_replica_changes_only_with_its_own_arguments(table: Kind) -> None:
    made = table.apply()
    assert table.changed(made, deletion_protection_enabled=True)["replica"] == made["replica"]
    (replica,) = table.changed(made, replica=[{**REPLICA, "propagate_tags": False}])["replica"]
    assert replica["arn"] == UNKNOWN
