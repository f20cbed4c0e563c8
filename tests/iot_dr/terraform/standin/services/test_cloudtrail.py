from typing import Any

import pytest

from iot_dr.terraform.standin.cache import SchemaCache
from tests.iot_dr.terraform.standin.services.kind import Kind

EMPTY: list[dict[str, Any]] = [{}]
MANAGEMENT = {"field": "eventCategory", "equals": ["Management"]}


def selector(**field: Any) -> dict[str, Any]:
    return {"advanced_event_selector": [{"name": "iot", "field_selector": [field]}]}


@pytest.fixture
def trail(cache: SchemaCache) -> Kind:
    return Kind(cache, "aws_cloudtrail", name="registry", s3_bucket_name="trail")


def test_a_trail_is_known_by_its_arn(trail: Kind) -> None:
    made = trail.apply()
    assert made["arn"] == "arn:aws:cloudtrail:eu-west-1:111111111111:trail/registry"
    assert (made["id"], made["home_region"]) == (made["arn"], "eu-west-1")


def test_a_trail_takes_the_defaults_that_a_plan_shows(trail: Kind) -> None:
    planned = trail.plan()
    assert planned["enable_logging"] is planned["include_global_service_events"] is True
    assert planned["is_multi_region_trail"] is planned["enable_log_file_validation"] is False
    (selected,) = trail.plan(event_selector=[{}])["event_selector"]
    assert (selected["read_write_type"], selected["include_management_events"]) == ("All", True)


def test_a_selector_has_empty_lists_for_what_it_leaves_out(trail: Kind) -> None:
    (planned,) = trail.plan(**selector(**MANAGEMENT))["advanced_event_selector"]
    (field,) = planned["field_selector"]
    assert (field["equals"], field["starts_with"]) == (["Management"], [])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "ab"}, "3 to 128"),
        ({"name": "a--b"}, "single . _ -"),
        ({"name": "abc-"}, "single . _ -"),
        ({"kms_key_id": "key"}, "be an ARN"),
        (selector(field="colour"), "eventCategory"),
        ({"event_selector": [{"read_write_type": "Some"}]}, "All, ReadOnly, WriteOnly"),
        ({**selector(**MANAGEMENT), "event_selector": EMPTY}, "conflicts"),
    ],
)
def test_a_wrong_trail_is_refused(trail: Kind, changes: dict[str, Any], said: str) -> None:
    assert trail.refused() == ""
    assert said in trail.refused(**changes)


def test_what_a_change_replaces(trail: Kind) -> None:
    assert (
        trail.replaced_by(enable_logging=False, s3_bucket_name="b", is_multi_region_trail=True)
        == []
    )
    assert trail.replaced_by(name="other") == ["name"]
