"""A name that devices use and that nothing serves in a region that it leads to."""

from collections.abc import Iterator
from typing import Final

from environments.settings import Settings
from iot_dr.design.iot import serving_problem
from iot_dr.route53.terraform_records import (
    DeclaredNames,
    DeclaredRecord,
    Destination,
    declared_names,
)
from iot_dr.rules.rule import Finding, Rule, Verdict, finding_at
from iot_dr.rules.support.shown_name import shown
from iot_dr.terraform_json.argument import is_resolved_name, known_dns_name
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "name-not-served"
_DOMAIN: Final = "aws_iot_domain_configuration"
_EXECUTE_API: Final = ".execute-api."
# The hosts of custom domain names; `a1b2c3d4e5.execute-api.` is an API's own.
_CUSTOM: Final = "d-"
_IOT: Final = (
    "The server name of the TLS handshake selects the domain configuration, so devices get AWS's"
    " own certificate there and refuse it: create an enabled one with a certificate in each region."
)
_API: Final = (
    "API Gateway has neither a certificate nor a mapping for it: create a custom domain name in"
    " each region, and point the record to its regional domain name."
)


def _find(resources: ResourceSet, _settings: Settings | None) -> Iterator[Finding]:
    names = declared_names(resources)
    nested = {
        below.name
        for record in names.records
        for below in names.alias_targets(record)
        if below.name != record.name
    }
    for record in names.records:
        is_final = record.routing and record.name and record.name not in nested
        if is_final and not record.is_private:
            yield from _findings(resources, names, record)


def is_declared(resources: ResourceSet, name: str) -> bool:
    """Whether the set declares a domain configuration of a name in any region."""
    return any(
        known_dns_name(resources, domain, "domain_name", domain.values.get("domain_name")) == name
        for domain in resources.of_type(_DOMAIN)
    )


def is_passed(resources: ResourceSet, region: str) -> bool:
    """Whether a stack of the set has something in a region."""
    return any(region in stack.providers.values() for stack in resources.stacks)


def _findings(
    resources: ResourceSet, names: DeclaredNames, record: DeclaredRecord
) -> Iterator[Finding]:
    for end in names.destinations(record):
        if end.is_iot and end.region and is_passed(resources, end.region):
            if problem := serving_problem(resources, record.name, end.region):
                yield finding_at(
                    record.resource,
                    _ID,
                    f"{shown(record)} leads to AWS IoT in {end.region}: {problem}. {_IOT}",
                    Verdict.BLOCK if is_declared(resources, record.name) else Verdict.WARN,
                )
        elif _is_api(end) and is_resolved_name(record.name):
            yield finding_at(
                record.resource,
                _ID,
                f"{shown(record)} leads to {end.name}, an API's own host. {_API}",
            )


def _is_api(end: Destination) -> bool:
    return _EXECUTE_API in end.name and not end.name.startswith(_CUSTOM)


RULE: Final = Rule(
    id=_ID,
    title="A name that is served in every region that it leads to",
    why="AWS IoT and API Gateway serve a custom name only where a domain configuration or a custom"
    " domain name is for it: TLS fails anywhere else, and health checks of the regional names do"
    " not notice. If no domain configuration of the name is declared, another stack may have it:"
    " the finding is a warning. A region of which nothing was passed is not judged.",
    source="docs.aws.amazon.com/iot/latest/developerguide/"
    "iot-custom-endpoints-configurable-custom.html;"
    " docs.aws.amazon.com/apigateway/latest/developerguide/"
    "apigateway-regional-api-custom-domain-create.html",
    find=_find,
)
