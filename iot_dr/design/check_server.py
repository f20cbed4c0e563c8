"""Servers of which the checkers of Route 53 never get the answer that they need.

docs.aws.amazon.com/Route53/latest/DeveloperGuide/
dns-failover-determining-health-of-endpoints.html.
"""

import re
from typing import Final

from iot_dr.design.check_request import api_of, request_of
from iot_dr.route53.address_owners import address_owners
from iot_dr.route53.terraform_checks import DeclaredCheck
from iot_dr.terraform_json.argument import is_true, resolved_text
from iot_dr.terraform_json.expression import literal, single_reference
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_BALANCERS: Final = ("aws_lb", "aws_alb", "aws_elb")
# docs.aws.amazon.com/AmazonElastiCache/latest/dg/elasticache-vpc-accessing.html,
# docs.aws.amazon.com/documentdb/latest/developerguide/connect-from-outside-a-vpc.html,
# docs.aws.amazon.com/neptune/latest/userguide/security-vpc.html
_PRIVATE: Final = re.compile(
    r"aws_(?:elasticache_(?:cluster|replication_group|serverless_cache)|docdb_cluster"
    r"|docdb_cluster_instance|neptune_cluster|memorydb_cluster|vpc_endpoint)"
)
_PRIVATE_ATTRIBUTE: Final = re.compile(r"\.private_(?:ip|dns)\b")
_PRIVATE_HOST: Final = re.compile(r"(?:^|\.)(?:internal|local|localhost)$|^internal-.*\.elb\.")
_OF_API: Final = re.compile(
    r"(?:^|[./])aws_(?:api_gateway|apigatewayv2)_domain_name\..*\.(?:regional|target|cloudfront)_domain_name$"
)
_API_HOST: Final = re.compile(r"^d-\w+\.execute-api\.")
_URL: Final = re.compile(r"\.(?:api_endpoint|invoke_url|function_url)$")
_HTTP_PORT: Final = 80


def server_problem(resources: ResourceSet, check: DeclaredCheck) -> str:
    """Return why the server of a check never passes and what to do, empty if it may pass."""
    if check.type.startswith("HTTPS") and request_of(resources, check).port == _HTTP_PORT:
        return "HTTPS at port 80 meets a server that speaks HTTP: use port 443, or the type HTTP"
    return "" if "fqdn" in check.resource.inferred else _host_problem(resources, check)


def undecided_server(resources: ResourceSet, check: DeclaredCheck) -> str:
    """Return a sentence if an unknown expression decides whether a check passes, else "".

    A plan of HCL has only its references: `replace(..., "https://", "")` of a URL is not visible.
    """
    if "fqdn" not in check.resource.inferred:
        return ""
    is_open = api_of(resources, check) or _host_problem(resources, check)
    address = check.resource.address
    return f"the host that {address} checks is known only after the apply" if is_open else ""


def _host_problem(resources: ResourceSet, check: DeclaredCheck) -> str:
    resource = check.resource
    if resource.values.get("ip_address"):
        return ""
    value = str(resource.values.get("fqdn") or "")
    host = resolved_text(resources, resource, value) or ""
    # A known host decides; else the attribute does that a reference ends at.
    reference = "" if host else single_reference(value) or ""
    attribute = str(resources.resolve(resource, value)) if reference else ""
    if _URL.search(attribute) or "://" in attribute or "/" in (literal(value) or ""):
        return (
            f"`fqdn` is {reference or value}, a URL, and Route 53 needs a host name: use"
            ' `replace(..., "https://", "")`, and `resource_path` for the path'
        )
    if check.type != "TCP" and (_OF_API.search(attribute) or _API_HOST.search(host)):
        return (
            f"API Gateway answers 403 to the host {reference or host}, which is only the target of"
            " a custom domain name: use that name, or the API's own execute-api host"
        )
    where = f"Route 53's checkers are on the internet and do not reach {reference or host}"
    if _PRIVATE_ATTRIBUTE.search(attribute) or _PRIVATE_HOST.search(host):
        return f"{where}, which is private: check a public endpoint, or an alarm"
    referred = resources.referenced(resource, value)
    targets = address_owners(resources).get(host) or [*filter(None, (referred,))]
    for target in (each for each in targets if _is_private(resources, each)):
        return f"{where}, since {target.address} is internal: check a public endpoint, or an alarm"
    return ""


def _is_private(resources: ResourceSet, target: Resource) -> bool:
    """Whether a resource has no public endpoint.

    docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
    (PubliclyAccessible), of which Terraform's default is false.
    """
    if target.type in _BALANCERS:
        return is_true(resources, target, "internal")
    if target.type in {"aws_db_instance", "aws_rds_cluster_instance"}:
        public = target.values.get("publicly_accessible")
        return target.mode == "managed" and (public is None or str(public).lower() == "false")
    return _PRIVATE.fullmatch(target.type) is not None
