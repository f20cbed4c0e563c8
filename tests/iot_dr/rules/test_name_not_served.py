from typing import Any

import pytest

from iot_dr.rules.name_not_served import RULE
from iot_dr.rules.rule import Verdict
from tests.iot_dr.prover.test_hand_written import design
from tests.iot_dr.rules.designs import judged, our_settings, ours

DOMAIN, RECORD = "aws_iot_domain_configuration", "aws_route53_record"
Values = dict[str, Any]


@pytest.mark.parametrize("regions", [2, 3])
def test_names_of_ours_are_served(regions: int) -> None:
    assert judged(RULE, ours(regions), our_settings(regions)) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (None, "no domain configuration in eu-central-1 serves mqtt.iot.example.com"),
        ({"status": "DISABLED"}, "is disabled"),
        ({"domain_name": "other.iot.example.com"}, "no domain configuration in eu-central-1"),
        ({"server_certificate_arns": []}, "has no server certificate"),
    ],
)
@pytest.mark.parametrize("policy", ["failover", "latency"])
def test_a_region_that_does_not_serve_the_name_is_refused(
    changes: Values | None, expected: str, policy: str
) -> None:
    document = design()
    domains, records = (document["resource"][type_] for type_ in (DOMAIN, RECORD))
    if changes is None:
        del domains["central"]
    else:
        domains["central"] |= changes
    if policy == "latency":
        for id_ in ("west", "central"):
            del records[id_]["failover_routing_policy"]
            records[id_]["latency_routing_policy"] = {"region": "eu-west-1"}
    (finding,) = judged(RULE, {"dns": document})
    assert (finding.verdict, finding.address) == (Verdict.BLOCK, f"{RECORD}.central")
    assert expected in finding.message


def test_a_name_that_no_stack_passed_configures_is_a_warning() -> None:
    document = design()
    del document["resource"][DOMAIN]
    findings = judged(RULE, {"dns": document})
    assert [each.verdict for each in findings] == [Verdict.WARN] * 2


def test_a_name_of_providers_whose_regions_are_not_known_may_be_served() -> None:
    document = design()
    document["provider"]["aws"].append({"alias": "unknown", "region": "${local.region}"})
    for domain in document["resource"][DOMAIN].values():
        domain["provider"] = "aws.unknown"
    assert judged(RULE, {"dns": document}) == []


def test_a_regional_name_needs_none() -> None:
    document = design()
    for id_ in ("west", "central"):
        del document["resource"][RECORD][id_]
    del document["resource"][DOMAIN]
    assert judged(RULE, {"dns": document}) == []


@pytest.mark.parametrize(
    ("target", "count"),
    [
        ("a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com", 1),
        ("d-a1b2c3.execute-api.eu-west-1.amazonaws.com", 0),
        ("app.eu-west-1.elb.amazonaws.com", 0),
    ],
)
def test_an_api_serves_a_name_only_as_its_custom_domain(target: str, count: int) -> None:
    document = design()
    document["resource"][RECORD]["west"]["records"] = [target]
    findings = judged(RULE, {"dns": document})
    assert len(findings) == count
    assert all("an API's own host" in each.message for each in findings)
