from typing import Any

import pytest

from iot_dr.rules.failover_record_without_check import RULE
from tests.iot_dr.rules.designs import ENTRY_POINT, judged, ours, resources, where

RECORD, CHECK = "aws_route53_record", "aws_route53_health_check"


def changed(id_: str, **changes: Any) -> dict[str, Any]:
    """Give our design of three regions, with a failover record changed."""
    documents = ours(3)
    resources(documents, ENTRY_POINT, RECORD)[id_] |= changes
    return documents


def test_a_check_on_every_record_passes() -> None:
    assert judged(RULE, ours(3)) == []


@pytest.mark.parametrize(
    ("id_", "told"),
    [
        ("failover_1_primary", "the answer never leaves this region"),
        ("failover_2_secondary", "devices go to this side even while it is dead"),
    ],
)
def test_a_record_without_a_check_is_told_what_follows(id_: str, told: str) -> None:
    (found,) = judged(RULE, changed(id_, health_check_id=None))
    assert found.address == f"{RECORD}.{id_}"
    assert told in found.message


@pytest.mark.parametrize("flag", [False, "false", None])
def test_an_alias_that_does_not_look_at_its_target_is_refused(flag: object) -> None:
    alias = {"name": "mqtt-standby-1.iot-dev.example.com", "evaluate_target_health": flag}
    (found,) = judged(RULE, changed("failover_1_secondary", alias=[alias]))
    assert "does not evaluate its target's health" in found.message


@pytest.mark.parametrize("flag", [True, "true", "${var.flag}"])
def test_an_alias_that_does_or_may_passes(flag: object) -> None:
    alias = {"name": "mqtt-standby-1.iot-dev.example.com", "evaluate_target_health": flag}
    assert judged(RULE, changed("failover_1_secondary", alias=alias)) == []


def test_an_alias_to_a_plain_record_without_a_check_is_always_healthy() -> None:
    alias = {"name": "mqtt-eu-west-1.iot-dev.example.com", "evaluate_target_health": True}
    (found,) = judged(RULE, changed("failover_1_primary", alias=alias, health_check_id=None))
    assert "an alias to a name that has a record without a health check" in found.message


def test_an_alias_to_what_is_not_here_passes() -> None:
    alias = {"name": "balancer.example.net", "evaluate_target_health": True}
    assert judged(RULE, changed("failover_1_primary", alias=alias, health_check_id=None)) == []


def test_a_disabled_check_is_none() -> None:
    documents = ours()
    resources(documents, ENTRY_POINT, CHECK)["calculated_deep_eu_west_1"]["disabled"] = True
    found = judged(RULE, documents)
    assert where(found) == {f"{ENTRY_POINT}/{RECORD}.failover_1_primary"}
    assert "asks a check that is disabled" in found[0].message


def test_names_that_are_aliases_of_each_other_end() -> None:
    documents = ours()
    records = resources(documents, ENTRY_POINT, RECORD)
    for id_ in ("failover_1_primary", "failover_1_secondary"):
        records[id_] |= {
            "health_check_id": None,
            "alias": {"name": "mqtt.iot-dev.example.com", "evaluate_target_health": True},
        }
    assert judged(RULE, documents) == []
