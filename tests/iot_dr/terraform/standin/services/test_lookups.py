"""Data sources that find a zone and a certificate by name."""

from typing import Any

import pytest

from iot_dr.terraform.standin.identity import Origin
from iot_dr.terraform.standin.services import behaviour_of

ACCOUNT = "111111111111"
NAME = "iot-dev.example.com"


def looked_up(type_: str, region: str = "eu-west-1", account: str = ACCOUNT, **given: Any) -> Any:
    behaviour = behaviour_of("data", type_)
    return behaviour.computed_on_apply(given, Origin(account, region))


def test_a_zone_is_the_same_for_a_name_in_every_region_of_an_account() -> None:
    zone = looked_up("aws_route53_zone", name=NAME)
    assert zone == looked_up("aws_route53_zone", "us-east-1", name=NAME)
    assert zone["zone_id"].startswith("Z")
    assert len(zone["name_servers"]) == 4
    for change in ({"name": "other.example.com"}, {"name": NAME, "account": "222222222222"}):
        assert looked_up("aws_route53_zone", **change)["zone_id"] != zone["zone_id"]


@pytest.mark.parametrize("region", ["eu-west-1", "eu-central-1"])
def test_a_certificate_is_issued_and_in_the_region_of_its_provider(region: str) -> None:
    certificate = looked_up("aws_acm_certificate", region, domain=f"*.{NAME}")
    assert certificate["arn"].startswith(f"arn:aws:acm:{region}:{ACCOUNT}:certificate/")
    assert certificate["status"] == "ISSUED"
    assert certificate == looked_up("aws_acm_certificate", region, domain=f"*.{NAME}")
