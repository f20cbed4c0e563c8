from ipaddress import ip_address

import pytest

from iot_dr.route53.aws_host import region_of_host
from iot_dr.route53.private_address import is_private_address
from iot_dr.terraform.standin.cache import SchemaCache
from tests.iot_dr.terraform.standin.services.kind import REGION, Kind


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
