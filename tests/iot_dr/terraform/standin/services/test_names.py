"""How zones, certificates, endpoints and names are found and made."""

from ipaddress import ip_address
from typing import Any

import pytest

from iot_dr.route53.aws_host import region_of_host
from iot_dr.route53.private_address import is_private_address
from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.identity import Origin
from iot_dr.terraform.standin.services import behaviour_of
from tests.iot_dr.terraform.standin.services.kind import REGION, Kind

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


NAMED = {
    "aws_cloudwatch_log_group": "name",
    "aws_iam_role": "name",
    "aws_s3_bucket": "bucket",
    "aws_sns_topic": "name",
}


@pytest.mark.parametrize(("type_name", "argument"), NAMED.items())
def test_a_name_is_the_configuration_s_or_begins_as_it_says_or_is_made_up(
    cache: SchemaCache, type_name: str, argument: str
) -> None:
    kind, prefix = Kind(cache, type_name), f"{argument}_prefix"
    given = kind.apply(**{argument: "own"})
    assert (given[argument], given[prefix]) == ("own", "")
    begun = [kind.apply(**{prefix: "own-"}) for _ in range(2)]
    assert {each[prefix] for each in begun} == {"own-"}
    assert all(each[argument].startswith("own-") for each in begun)
    assert begun[0][argument] != begun[1][argument]
    left = kind.apply()
    assert left[argument].startswith("terraform-")
    assert left[prefix] == "terraform-"


@pytest.mark.parametrize(
    ("type_", "attribute"),
    [
        ("aws_lb", "dns_name"),
        ("aws_elb", "dns_name"),
        ("aws_eip", "public_dns"),
        ("aws_instance", "public_dns"),
        ("aws_db_instance", "address"),
        ("aws_api_gateway_domain_name", "regional_domain_name"),
        ("aws_lambda_function_url", "function_url"),
    ],
)
def test_a_host_name_has_the_region(type_: str, attribute: str, cache: SchemaCache) -> None:
    assert region_of_host(Kind(cache, type_).apply()[attribute]) == REGION


def test_the_host_of_an_internal_load_balancer_says_so(cache: SchemaCache) -> None:
    host = Kind(cache, "aws_lb", name="own", internal=True).apply()["dns_name"]
    assert host.startswith("internal-own-")


@pytest.mark.parametrize("type_", ["aws_eip", "aws_instance"])
def test_an_address_is_public_and_of_one_resource(type_: str, cache: SchemaCache) -> None:
    first, second = (Kind(cache, type_).apply()["public_ip"] for _ in range(2))
    assert ip_address(first) != ip_address(second)
    assert not is_private_address(first)


@pytest.mark.parametrize(
    ("type_", "attribute", "end"),
    [
        ("aws_cloudfront_distribution", "domain_name", ".cloudfront.net"),
        ("aws_globalaccelerator_accelerator", "dns_name", ".awsglobalaccelerator.com"),
    ],
)
def test_a_global_service_has_a_host_without_a_region(
    type_: str, attribute: str, end: str, cache: SchemaCache
) -> None:
    host = Kind(cache, type_).apply()[attribute]
    assert host.endswith(end)
    assert region_of_host(host) is None


SWITCH = {
    "type": "CLOUDWATCH_METRIC",
    "cloudwatch_alarm_name": "switch",
    "cloudwatch_alarm_region": "eu-central-1",
    "insufficient_data_health_status": "LastKnownStatus",
}
DEEP = {"type": "HTTPS", "fqdn": "a.example.com", "port": 443, "resource_path": "/health/x"}
BOTH = {"type": "CALCULATED", "child_health_threshold": 2, "child_healthchecks": ["a", "b"]}


@pytest.fixture
def check(cache: SchemaCache) -> Kind:
    return Kind(cache, "aws_route53_health_check")


@pytest.mark.parametrize(
    ("arguments", "threshold", "sni"),
    [(DEEP, 3, True), ({**DEEP, "type": "TCP"}, 3, False), (SWITCH, 0, False), (BOTH, 0, False)],
    ids=["HTTPS", "TCP", "alarm", "calculated"],
)
def test_only_a_check_of_an_endpoint_counts_failures_and_only_https_names_its_host(
    check: Kind, arguments: dict[str, Any], threshold: int, sni: bool
) -> None:
    assert check.refused(**arguments) == ""
    made = check.apply(**arguments)
    assert (made["failure_threshold"], made["enable_sni"]) == (threshold, sni)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({**SWITCH, "cloudwatch_alarm_region": "eu-mars-1"}, "eu-central-1"),
        ({**SWITCH, "cloudwatch_alarm_region": None}, 'needs "cloudwatch_alarm_region"'),
        ({**SWITCH, "cloudwatch_alarm_name": None}, 'needs "cloudwatch_alarm_name"'),
        ({**SWITCH, "insufficient_data_health_status": "Unknown"}, "LastKnownStatus"),
        ({**DEEP, "regions": ["eu-west-1", "us-east-1", "eu-central-1"]}, "us-west-2"),
        ({**BOTH, "child_health_threshold": 257}, "between 0 and 256"),
    ],
)
def test_a_wrong_check_is_refused(check: Kind, arguments: dict[str, Any], said: str) -> None:
    assert said in check.refused(**arguments)
