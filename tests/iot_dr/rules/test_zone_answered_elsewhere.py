import pytest

from iot_dr.rules.rule import Verdict
from iot_dr.rules.zone_answered_elsewhere import RULE
from tests.iot_dr.rules.designs import ENTRY_POINT, judged, our_settings, ours, resources

ELSEWHERE = ["ns1.example.net", "ns2.example.net"]


def verdicts(records: object, name: str = "example.com", type_: str = "NS") -> list[Verdict]:
    """Return the verdicts about a record of the zone `example.com`."""
    record = {
        "zone_id": "${aws_route53_zone.this.zone_id}",
        "name": name,
        "type": type_,
        "ttl": 60,
        "records": records,
    }
    resource = {
        "aws_route53_zone": {"this": {"name": "example.com"}},
        "aws_route53_record": {"ns": record},
    }
    return [finding.verdict for finding in judged(RULE, {"dns": {"resource": resource}})]


@pytest.mark.parametrize("name", ["example.com", "Example.com.", "", "@"])
def test_other_servers_for_the_zones_own_name_are_found(name: str) -> None:
    assert verdicts(ELSEWHERE, name) == [Verdict.WARN]


@pytest.mark.parametrize(
    "records",
    [
        "${aws_route53_zone.this.name_servers}",
        ["${aws_route53_zone.this.name_servers[0]}"],
        ["ns-1.awsdns-00.com", *ELSEWHERE],
        ["ns1.example.com", "ns2.example.com"],
        "${var.servers}",
        [],
    ],
)
def test_servers_that_may_be_the_zones_own_are_not(records: object) -> None:
    assert verdicts(records) == []


def test_a_delegation_of_a_name_below_is_not() -> None:
    assert verdicts(ELSEWHERE, "cars") == []
    assert verdicts(["v=spf1 -all"], type_="TXT") == []


def test_it_blocks_in_the_zone_of_an_environment() -> None:
    documents = ours()
    records = resources(documents, ENTRY_POINT, "aws_route53_record")
    own = next(iter(records.values()))
    records["ns"] = {
        "provider": own["provider"],
        "zone_id": own["zone_id"],
        "name": "iot-dev.example.com",
        "type": "NS",
        "ttl": 60,
        "records": ELSEWHERE,
        "allow_overwrite": True,
    }
    (finding,) = judged(RULE, documents, our_settings())
    assert finding.verdict is Verdict.BLOCK
    assert "ns1.example.net, ns2.example.net" in finding.message
