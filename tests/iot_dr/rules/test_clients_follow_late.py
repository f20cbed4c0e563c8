from typing import Any

import pytest

from iot_dr.rules.clients_follow_late import RULE
from iot_dr.rules.rule import Finding, Verdict
from tests.iot_dr.rules.designs import judged, our_settings, ours

Values = dict[str, Any]
AAAA: Values = {"zone_id": "Z1", "name": "app.example.com", "type": "AAAA", "ttl": 60}


def judged_pair(ttl: object, check: Values, more: Values | None = None) -> list[Finding]:
    """Return the findings about a pair of A records of `app.example.com`, and another record."""
    records = {
        side.lower(): {
            "zone_id": "Z1",
            "name": "app.example.com",
            "type": "A",
            "ttl": ttl,
            "records": [address],
            "set_identifier": side,
            "failover_routing_policy": {"type": side},
            "health_check_id": "${aws_route53_health_check.app.id}",
        }
        for side, address in (("PRIMARY", "203.0.113.1"), ("SECONDARY", "203.0.113.2"))
    }
    resource: Values = {
        "aws_route53_record": records | ({"more": more} if more else {}),
        "aws_route53_health_check": {"app": {"type": "TCP", "ip_address": "203.0.113.1", **check}},
    }
    return judged(RULE, {"dns": {"resource": resource}})


@pytest.mark.parametrize(
    ("ttl", "check", "is_late"),
    [
        (300, {}, True),
        (91, {"request_interval": 30, "failure_threshold": 3}, True),
        (90, {}, False),
        (60, {"request_interval": 10, "failure_threshold": 2}, False),
        (300, {"failure_threshold": "${var.threshold}"}, False),
        (300, {"type": "CLOUDWATCH_METRIC"}, False),
        ("${var.ttl}", {}, False),
    ],
)
def test_a_ttl_that_is_longer_than_detection_is_a_warning(
    ttl: object, check: Values, *, is_late: bool
) -> None:
    findings = judged_pair(ttl, check)
    assert [finding.verdict for finding in findings] == [Verdict.WARN] * is_late
    assert all(
        "clients keep the lost answer for longer than the 90 s" in f.message for f in findings
    )


@pytest.mark.parametrize(
    ("more", "is_past"),
    [
        ({**AAAA, "records": ["2001:db8::1"]}, True),
        ({**AAAA, "name": "other.example.com", "records": ["2001:db8::1"]}, False),
        ({**AAAA, "type": "TXT", "records": ["text"]}, False),
        (
            {**AAAA, "set_identifier": "6", "failover_routing_policy": {"type": "PRIMARY"}},
            False,
        ),
    ],
)
def test_an_address_of_the_other_family_that_does_not_fail_over_is_a_warning(
    more: Values, *, is_past: bool
) -> None:
    findings = judged_pair(60, {}, more)
    assert [finding.address for finding in findings] == ["aws_route53_record.more"] * is_past
    assert all(finding.verdict is Verdict.WARN for finding in findings)


def test_our_designs_are_followed_soon() -> None:
    assert judged(RULE, ours()) == []
    assert judged(RULE, ours(regions=3), our_settings(regions=3)) == []
