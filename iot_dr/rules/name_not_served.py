"""A name that devices use and that nothing serves in a region that it leads to."""

from collections.abc import Iterator
from typing import Final

from iot_dr.design.expectation import DesignExpectation
from iot_dr.design.iot import is_name_declared, is_passed, serving_problem
from iot_dr.design.sites import own_api_problem
from iot_dr.route53.private_address import is_private_address
from iot_dr.route53.shown_name import shown
from iot_dr.route53.terraform_records import (
    DeclaredNames,
    DeclaredRecord,
    declared_names,
)
from iot_dr.rules.rule import Finding, Rule, Verdict, finding_at
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "name-not-served"
_IOT: Final = (
    "The server name of the TLS handshake selects the domain configuration, so devices get AWS's"
    " own certificate there and refuse it: create an enabled one with a certificate in each region."
)
_API: Final = (
    "Create a custom domain name in each region, and point the record to its regional domain name."
)


def _find(resources: ResourceSet, _expected: DesignExpectation | None) -> Iterator[Finding]:
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


_PRIVATE: Final = (
    "Clients on the internet do not reach it, nor do Route 53's checkers: lead the name to a public"
    " endpoint, or serve it from a private zone."
)


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
                    Verdict.BLOCK if is_name_declared(resources, record.name) else Verdict.WARN,
                )
        elif is_private_address(end.name):
            message = f"{shown(record)} leads to the private address {end.name}. {_PRIVATE}"
            yield finding_at(record.resource, _ID, message, Verdict.WARN)
        elif problem := own_api_problem(record.name, end):
            yield finding_at(record.resource, _ID, f"{problem}. {_API}")


RULE: Final = Rule(
    id=_ID,
    title="A name that is served in every region that it leads to",
    why="AWS IoT and API Gateway serve a custom name only where a domain configuration or a custom"
    " domain name is for it: TLS fails anywhere else, and health checks of the regional names do"
    " not notice. If no domain configuration of the name is declared, another stack may have it:"
    " the finding is a warning, and a region of which nothing was passed is not judged. A private"
    " address in a public zone is a warning, since clients may be in its network.",
    source="docs.aws.amazon.com/iot/latest/developerguide/"
    "iot-custom-endpoints-configurable-custom.html;"
    " docs.aws.amazon.com/apigateway/latest/developerguide/"
    "apigateway-regional-api-custom-domain-create.html",
    find=_find,
)
