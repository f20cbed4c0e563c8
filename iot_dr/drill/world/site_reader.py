"""The regions, as Terraform has them: what they serve, whom they know, what runs there."""

from collections.abc import Iterator
from typing import Final

from iot_dr.drill.world.design import Design
from iot_dr.drill.world.world import Lambda
from iot_dr.route53.terraform_records import CHECK
from iot_dr.terraform_json.argument import is_known, is_true, known_name
from iot_dr.terraform_json.block import block
from iot_dr.terraform_json.expression import has_expression, literal
from iot_dr.terraform_json.json_value import mapping
from iot_dr.terraform_json.resource import Resource

_FUNCTION: Final = "aws_lambda_function"
_DOMAIN: Final = "aws_iot_domain_configuration"
_CA: Final = "aws_iot_ca_certificate"
# Lambda's own, in seconds: docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
_TIMEOUT: Final = 3


def served_names(design: Design, region: str) -> frozenset[str]:
    """Give the names that a region's domain configurations serve."""
    found: set[str] = set()
    for domain in design.resources.of_type(_DOMAIN):
        value = domain.values.get("domain_name")
        name = known_name(design.resources, domain, "domain_name", value)
        is_on = design.word(domain, "status") != "DISABLED"
        if domain.region == region and is_on and name and is_known(name):
            found.add(name)
    return frozenset(found)


def function(design: Design, module: str, region: str | None = None) -> Lambda | None:
    """Give the function with the code `functions/MODULE`, in a region or in any."""
    resource = next(_functions(design, module, region), None)
    if resource is None:
        return None
    return Lambda(
        region=resource.region or "",
        handler=design.word(resource, "handler") or "",
        variables=_variables(design, resource),
        timeout=design.whole(resource, "timeout", _TIMEOUT),
    )


def knows_devices(design: Design, region: str) -> bool:
    """Tell whether devices that were made in another region are registered in this one.

    The registry is copied there, or the CA that signed them lets them join when they first connect.
    By a fleet's template alone a device would have to join anew, with its claim.
    """
    return any(_functions(design, "registry_apply", region)) or any(
        ca.region == region
        and is_true(design.resources, ca, "active")
        and is_true(design.resources, ca, "allow_auto_registration")
        for ca in design.resources.of_type(_CA)
    )


def _functions(design: Design, module: str, region: str | None) -> Iterator[Resource]:
    for resource in design.resources.of_type(_FUNCTION):
        is_there = resource.region and region in {None, resource.region}
        if is_there and (design.word(resource, "handler") or "").startswith(f"functions.{module}."):
            yield resource


def _variables(design: Design, resource: Resource) -> dict[str, str]:
    """Give the variables; one that nobody knows before it is applied is named as left out."""
    environment = block(resource.values, "environment") or {}
    found: dict[str, str] = {}
    for name, value in mapping(environment.get("variables")).items():
        check = design.resources.referred(resource, value)
        if check and check.type == CHECK:
            # Route 53 makes the id up; this one is the check's in a World.
            found[name] = check.id
            continue
        resolved = design.resources.resolve(resource, value)
        text = literal(resolved) if isinstance(resolved, str) else str(resolved)
        if text is None or (has_expression(str(value)) and "/" in text):
            design.leave_out(resource, f"the variable {name} is only known once it is applied")
            continue
        found[name] = text
    return found
