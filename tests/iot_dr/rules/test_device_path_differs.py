import json
from typing import Any

import pytest

from iot_dr.rules.device_path_differs import RULE
from iot_dr.rules.rule import Verdict
from tests.iot_dr.rules.designs import (
    ENTRY_POINT,
    FRANKFURT,
    IRELAND,
    Documents,
    judged,
    our_settings,
    ours,
    ours_with_data,
    resources,
)
from tests.support.settings import with_data

DOMAIN, CHECK = "aws_iot_domain_configuration", "aws_route53_health_check"
POLICY, RECORD = "aws_iam_role_policy", "aws_route53_record"
ARN = "arn:aws:acm:eu-west-1:111111111111:certificate/0a1b2c3d-0000-4000-8000-000000000001"
Values = dict[str, Any]


def records(west: Values, central: Values) -> dict[str, Values]:
    """The records of one name in two regions, with the names of the regions in their addresses."""
    common = {"zone_id": "Z1", "name": "mqtt.iot.example.com", "type": "CNAME", "ttl": 60}
    regions = {"eu_west_1": west, "eu_central_1": central}
    providers = [{"alias": key, "region": key.replace("_", "-")} for key in regions]
    return {
        "dns": {
            "provider": {"aws": providers},
            "resource": {
                RECORD: {
                    key: {**common, "provider": f"aws.{key}", **values}
                    for key, values in regions.items()
                }
            },
        }
    }


def test_the_sides_of_a_failover_differ_in_what_makes_them_sides() -> None:
    west = {"failover_routing_policy": {"type": "PRIMARY"}, "set_identifier": "primary"}
    central = {"failover_routing_policy": {"type": "SECONDARY"}, "set_identifier": "secondary"}
    checks = {"health_check_id": "a"}, {"health_check_id": "b"}
    assert judged(RULE, records(west | checks[0], central | checks[1])) == []
    (finding,) = judged(RULE, records(west, central | {"ttl": 300}))
    assert finding.message.startswith("ttl is 60 in eu-west-1, and 300 in eu-central-1")
    assert finding.verdict is Verdict.WARN


def test_a_number_in_a_text_equals_the_number() -> None:
    assert judged(RULE, records({"ttl": "60"}, {"ttl": 60.0})) == []
    assert len(judged(RULE, records({"ttl": "60"}, {"ttl": 61}))) == 1


def test_regions_have_addresses_of_their_own() -> None:
    west = {"type": "A", "records": ["198.51.100.1"]}
    assert judged(RULE, records(west, west | {"records": ["198.51.100.2", "198.51.100.3"]})) == []
    assert len(judged(RULE, records(west, west | {"records": ["www.example.com"]}))) == 1


@pytest.mark.parametrize(
    ("central", "count"),
    [
        ("b2-ats.iot.eu-central-1.amazonaws.com", 0),
        ("b2.iot.eu-central-1.amazonaws.com", 1),
        ("b2-ats.iot.eu-west-1.amazonaws.com", 1),
        ("b2.execute-api.eu-central-1.amazonaws.com", 1),
    ],
)
def test_regions_have_hosts_of_aws_of_their_own(central: str, count: int) -> None:
    west = {"records": ["a1-ats.iot.eu-west-1.amazonaws.com"]}
    assert len(judged(RULE, records(west, {"records": [central]}))) == count


def test_only_the_stack_of_the_validation_record_waits_for_it() -> None:
    documents, type_ = records({}, {}), "aws_acm_certificate_validation"
    resource = documents["dns"]["resource"]
    for key in resource[RECORD]:
        own, arn = {"provider": f"aws.{key}"}, f"${{{type_}.{key}.certificate_arn}}"
        resource.setdefault(type_, {})[key] = own | {"certificate_arn": "arn"}
        resource.setdefault(DOMAIN, {})[key] = own | {"server_certificate_arns": [arn]}
    resource[type_]["eu_west_1"]["validation_record_fqdns"] = ["_1.iot.example.com"]
    assert judged(RULE, documents) == []


def test_load_balancers_may_be_named_by_their_side() -> None:
    documents = records({"records": ["${aws_lb.eu_west_1.dns_name}"]}, {})
    resource = documents["dns"]["resource"]
    resource[RECORD]["eu_central_1"]["records"] = ["${aws_lb.eu_central_1.dns_name}"]
    resource["aws_lb"] = {
        key: {"name": f"app-{number}", "idle_timeout": 60, "provider": f"aws.{key}"}
        for number, key in enumerate(("eu_west_1", "eu_central_1"))
    }
    assert judged(RULE, documents) == []
    resource["aws_lb"]["eu_central_1"]["idle_timeout"] = 30
    assert len(judged(RULE, documents)) == 1


def test_a_resource_of_another_stack_corresponds_by_its_address() -> None:
    def led(primary: str, secondary: str) -> int:
        return len(judged(RULE, records({"records": [primary]}, {"records": [secondary]})))

    assert led("${aws_lb.primary.dns_name}", "${aws_lb.secondary.dns_name}") == 0
    assert led("${aws_lb.primary.dns_name}", "${aws_lb.secondary.zone_id}") == 1
    assert led("${aws_lb.primary.dns_name}", "${aws_lb.web.dns_name}") == 1


UNNOTICED = [
    (DOMAIN, "device_name", {"status": "ENABLED"}),
    (DOMAIN, "device_name", {"service_type": None}),
    (DOMAIN, "device_name", {"tags_all": {"a": "b"}, "timeouts": {"create": "5m"}}),
    (DOMAIN, "device_name", {"server_certificate_arns": [ARN]}),
    (CHECK, "deep", {"measure_latency": True, "reference_name": "deep"}),
    (CHECK, "deep", {"port": "443", "enable_sni": "true", "disabled": False}),
]
NOTICED = [
    (DOMAIN, "device_name", {"status": "DISABLED"}),
    (DOMAIN, "device_name", {"service_type": "JOBS"}),
    *(
        (DOMAIN, "device_name", {"server_certificate_arns": arns})
        for arns in ([], [ARN, ARN], ["${aws_acm_certificate.other.arn}"])
    ),
    (CHECK, "deep", {"enable_sni": False}),
    (CHECK, "deep", {"disabled": True}),
    (CHECK, "deep", {"port": "8443"}),
    ("aws_lambda_function", "canary", {"reserved_concurrent_executions": 0}),
    ("aws_lambda_function", "canary", {"role": "arn:aws:iam::111111111111:role/other"}),
]


@pytest.mark.parametrize(
    ("type_", "id_", "values", "expected"),
    [*((*each, []) for each in UNNOTICED), *((*each, [Verdict.BLOCK]) for each in NOTICED)],
)
def test_what_a_device_notices_may_not_differ(
    type_: str, id_: str, values: Values, expected: list[Verdict]
) -> None:
    documents = ours()
    resources(documents, FRANKFURT, type_)[id_] |= values
    findings = judged(RULE, documents, our_settings())
    assert [each.verdict for each in findings] == expected
    assert all(each.message.startswith(f"{next(iter(values))} is ") for each in findings)


def test_policies_are_compared_by_their_content() -> None:
    documents = ours()
    canary = resources(documents, IRELAND, POLICY)["canary"]
    policy = json.loads(canary["policy"])
    canary["policy"] = json.dumps(dict(reversed(policy.items())), indent=2)
    assert judged(RULE, documents, our_settings()) == []
    policy["Statement"][-1]["Effect"] = "Deny"
    canary["policy"] = json.dumps(policy)
    (finding,) = judged(RULE, documents, our_settings())
    assert finding.message.startswith("policy is ")
    for text in ("{not JSON", "[" * 900 + "]" * 900):
        canary["policy"] = text
        assert len(judged(RULE, documents, our_settings())) == 1


def split_publish(body: Values) -> None:
    """Split the statement that lets devices publish, and reverse the order of all."""
    policy = json.loads(body["policy"])
    split = next(each for each in policy["Statement"] if each["Action"] == "iot:Publish")
    first, *split["Resource"] = split["Resource"]
    policy["Statement"] = [{**split, "Sid": "First", "Resource": first}, *policy["Statement"][::-1]]
    body["policy"] = json.dumps(policy)


def test_statements_of_a_policy_may_be_split_and_in_another_order() -> None:
    documents = ours()
    body = resources(documents, FRANKFURT, "aws_iot_policy")["device"]
    split_publish(body)
    assert judged(RULE, documents, our_settings()) == []
    body["policy"] = body["policy"].replace("iot:Publish", "iot:Receive", 1)
    assert len(judged(RULE, documents, our_settings())) == 1


def test_a_check_of_another_logical_id_means_the_same_if_it_is_configured_equally() -> None:
    documents = ours()
    check = renamed(documents, ENTRY_POINT, CHECK, "tcp_eu_central_1")
    assert judged(RULE, documents, our_settings()) == []
    check["failure_threshold"] = 9
    (finding,) = judged(RULE, documents, our_settings())
    assert finding.message.startswith("child_healthchecks is ")


REGISTRY = "iot-dev-device-registry-eu-north-1"


def judged_registry(type_: str, old: str, new: str) -> list[str]:
    """Return the findings after a change of the function in eu-north-1 that applies changes."""
    documents = ours_with_data(3)
    named = resources(documents, REGISTRY, type_)
    text = json.dumps(named["registry_apply"])
    assert old in text
    named["registry_apply"] = json.loads(text.replace(old, new))
    findings = judged(RULE, documents, with_data(our_settings(3)))
    return [finding.message.partition(" is ")[0] for finding in findings]


def test_a_stream_is_filtered_by_the_region_that_reads_it() -> None:
    mapping = "aws_lambda_event_source_mapping"
    assert judged_registry(mapping, "eu-north-1", "eu-west-1") == ["filter_criteria"]
    assert judged_registry(mapping, '"batch_size": 100', '"batch_size": "100"') == []


def test_a_list_of_all_regions_is_the_same_in_each_of_them() -> None:
    all_regions = "eu-west-1,eu-central-1,eu-north-1"
    other_order, without_one = "eu-north-1,eu-west-1,eu-central-1", "eu-west-1,eu-north-1"
    function = "aws_lambda_function"
    assert judged_registry(function, all_regions, other_order) == []
    assert judged_registry(function, all_regions, without_one) == ["environment"]


def renamed(documents: Documents, stack: str, type_: str, old: str) -> Values:
    """Give a resource of a stack another logical id, and return it."""
    text = json.dumps(documents[stack]).replace(f"{type_}.{old}", f"{type_}.other")
    documents[stack] = json.loads(text)
    named = resources(documents, stack, type_)
    named["other"] = named.pop(old)
    return named["other"]


def test_a_resource_of_another_logical_id_is_compared_with_the_one_that_lacks_a_counterpart() -> (
    None
):
    documents = ours()
    function = renamed(documents, FRANKFURT, "aws_lambda_function", "canary")
    assert judged(RULE, documents, our_settings()) == []
    function["timeout"] = 1
    (finding,) = judged(RULE, documents, our_settings())
    assert finding.message.startswith("timeout is 1 in eu-central-1")
    assert finding.verdict is Verdict.BLOCK
    del resources(documents, FRANKFURT, "aws_lambda_function")["other"]
    messages = [each.message for each in judged(RULE, documents, our_settings())]
    assert any("lacks aws_lambda_function.canary" in each for each in messages)
