"""Addresses and host names of services that are described by their schema alone otherwise.

Formats: docs.aws.amazon.com/general/latest/gr/aws-service-information.html (endpoints), and the
attribute reference of each type in the provider's documentation.
"""

from collections.abc import Mapping
from typing import Final

from iot_dr.terraform.standin.behaviour import Behaviour, Derive
from iot_dr.terraform.standin.identity import Origin, fresh
from iot_dr.terraform.standin.values import Value

_SOURCE: Final = "provider documentation, attribute reference"
_SUFFIX: Final = "amazonaws.com"


def _address() -> str:
    """Return a public IPv4 address in a block of AWS: ip-ranges.amazonaws.com, service EC2."""
    return ".".join(["52", *(str(int(fresh(2), 16)) for _ in range(3))])


def _host(attribute: str, pattern: str) -> Derive:
    """Return what derives one host name, with `{id}`, `{name}` and `{region}` in its pattern."""

    def derive(values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
        name = values.get("name") or values.get("identifier") or "terraform"
        text = pattern.format(id=fresh(10), name=name, region=origin.region)
        return {attribute: text}

    return derive


def _balancer(values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    scheme = "internal-" if values.get("internal") is True else ""
    name = values.get("name") or "terraform"
    return {"dns_name": f"{scheme}{name}-{fresh(10)}.{origin.region}.elb.{_SUFFIX}"}


def _elastic_ip(_values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    allocation, address = f"eipalloc-{fresh(17)}", _address()
    host = f"ec2-{address.replace('.', '-')}.{origin.region}.compute.{_SUFFIX}"
    return {
        "id": allocation,
        "allocation_id": allocation,
        "public_ip": address,
        "public_dns": host,
    }


def _instance(_values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    address = _address()
    host = f"ec2-{address.replace('.', '-')}.{origin.region}.compute.{_SUFFIX}"
    return {"id": f"i-{fresh(17)}", "public_ip": address, "public_dns": host}


_HOSTS: Final[Mapping[str, Derive]] = {
    "aws_alb": _balancer,
    "aws_api_gateway_domain_name": _host(
        "regional_domain_name", f"d-{{id}}.execute-api.{{region}}.{_SUFFIX}"
    ),
    "aws_cloudfront_distribution": _host("domain_name", "d{id}.cloudfront.net"),
    "aws_db_instance": _host("address", f"{{name}}.{{id}}.{{region}}.rds.{_SUFFIX}"),
    "aws_eip": _elastic_ip,
    "aws_elb": _balancer,
    "aws_globalaccelerator_accelerator": _host("dns_name", "a{id}.awsglobalaccelerator.com"),
    "aws_instance": _instance,
    "aws_lambda_function_url": _host("function_url", "https://{id}.lambda-url.{region}.on.aws/"),
    "aws_lb": _balancer,
}

RESOURCES: Final[Mapping[str, Behaviour]] = {
    type_: Behaviour(source=_SOURCE, computed_on_apply=derive) for type_, derive in _HOSTS.items()
}
DATA_SOURCES: Final[Mapping[str, Behaviour]] = {}
