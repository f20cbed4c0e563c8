"""Arguments of a resource in a form that corresponding resources of all regions share."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from itertools import islice
from typing import Final, cast

from iot_dr.design.permissions import known_arn
from iot_dr.route53.aws_host import REGION_IN_ADDRESS, is_region
from iot_dr.route53.terraform_records import CHECK, RECORD
from iot_dr.rules.support.regional_stack import common_address, without_region
from iot_dr.terraform_json.defaults import default_of
from iot_dr.terraform_json.dns_name import dns_name
from iot_dr.terraform_json.expression import (
    has_expression,
    literal,
    parts,
    references,
    texts,
)
from iot_dr.terraform_json.json_value import Json, json_in, mapping
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

IGNORED: Final = frozenset(
    (
        *("//", "tags", "tags_all", "description", "alarm_description", "provider", "timeouts"),
        *("reference_name", "measure_latency", "publish", "source_code_hash", "depends_on"),
        *("force_destroy", "skip_destroy", "force_detach_policies", "enforce_consumer_deletion"),
        *("bypass_policy_lockout_safety_check", "Sid"),
        *("api_key_selection_expression", "route_selection_expression"),
    )
)
"""Arguments that neither a device nor a health check would notice."""

# Capitals and a final dot mean nothing: RFC 4343, RFC 1034 3.1.
_DNS_NAMES: Final = frozenset(
    (
        ("aws_iot_domain_configuration", "domain_name"),
        (CHECK, "fqdn"),
        (RECORD, "name"),
        (RECORD, "records"),
    )
)
# Flags that are set where they are not written, at least sometimes.
_TRUE_IF_UNSET: Final = frozenset(("enable_sni", "sqs_managed_sse_enabled", "is_enabled"))

_SIDE: Final = re.compile(r"[-_]?\*[-_]?")
# The shortest attribute that is searched for in another text: an id of API Gateway has seven
# characters, and a shorter text could be any.
_SHORTEST_ATTRIBUTE: Final = 6
# Declared ARNs have none.
_ACCOUNT: Final = re.compile(r"(\barn:[\w-]+:[\w-]+:[\w-]*:)\d{12}(?=:)")
_ACTIONS: Final = ("Action", "NotAction")
_MOST_STATEMENTS: Final = 10_000
# Terraform copies a module's files for each of its calls.
_MODULE_FOLDER: Final = re.compile(r"\.terraform/modules/[^/]+/")
_UNKNOWN: Final = "${}"


class RegionalArguments:
    """The arguments of a resource in a region.

    Regions and references are replaced, tags and descriptions left out, JSON texts such as
    policies parsed, and numbers and flags written as texts, as Terraform converts them. The order
    of texts in a list does not count. With `by_meaning` a reference means the arguments of
    what it refers to, in this form, since a resource may have any address.
    """

    def __init__(
        self, resources: ResourceSet, resource: Resource, region: str, *, by_meaning: bool = False
    ) -> None:
        self._resources = resources
        self._resource = resource
        self._region = region
        self._by_meaning = by_meaning

    def normal(self, value: Json) -> Json:
        """Return a value in this form."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            entries = [self.normal(each) for each in cast("list[Json]", value)]
            return sorted(entries, key=lambda entry: json.dumps(entry, sort_keys=True))
        if isinstance(value, dict):
            named = mapping(value)
            return {
                self._with_roles(key): self.normal(entry)
                for key, entry in (_listed(named) if "Statement" in named else named).items()
                if key not in IGNORED
            }
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return json.dumps(value) if isinstance(value, (bool, int, float)) else value

    def _text(self, value: str) -> Json:
        if self._links:
            value = self._pattern.sub(lambda match: self._links[match.group()], value)
        value = _MODULE_FOLDER.sub("", value)
        if (parsed := _parsed(value)) is not None:
            # A text may be nested more deeply than a document, and is then compared as it is.
            with suppress(RecursionError):
                return self.normal(parsed)
        for reference in references(value):
            value = value.replace(f"${{{reference}}}", self._referred(reference))
            value = value.replace(reference, self._address(reference))
        return self._with_roles(_ACCOUNT.sub(r"\1", value))

    def _referred(self, reference: str) -> str:
        """Return what a reference means: a name that is configured, an ARN of it, or the address.

        What AWS makes, such as an id, a plan may know, and no two regions have the same.
        """
        expression = f"${{{reference}}}"
        referred = self._resources.referenced(self._resource, expression)
        if referred is None:
            return f"${{{self._address(reference)}}}"
        if self._by_meaning:
            own = RegionalArguments(self._resources, referred, self._region)
            # The regions of checkers have no role in the platform.
            checkers = len(texts(referred.arguments.get("regions")))
            arguments = {**referred.arguments, "regions": checkers}
            meaning = json.dumps(own.normal(arguments), sort_keys=True)
            return f"<{referred.type} {reference.rpartition('.')[2]} {meaning}>"
        known = self._resources.resolve(self._resource, expression)
        names = [self._resources.resolve(referred, each) for each in referred.arguments.values()]
        if isinstance(known, str) and literal(known) and known in names:
            return dns_name(known) if referred.type == RECORD else known
        arn = known_arn(self._resources, referred, reference)
        return arn if literal(arn) else f"${{{self._address(reference)}}}"

    def _address(self, reference: str) -> str:
        """Return a reference without regions; of what is not declared only that can correspond."""
        referred = self._resources.referenced(self._resource, f"${{{reference}}}")
        address = common_address(self._resources, referred) if referred else reference
        return _SIDE.sub("", without_region(address))

    @cached_property
    def _links(self) -> Mapping[str, str]:
        """Addresses of the resources that the arguments refer to, by their known attributes.

        A plan has the attribute of a resource where the configuration has a reference.
        """
        links = dict[str, str]()
        origins = dict.fromkeys(self._resource.origins.values())
        for reference in dict.fromkeys(each for text in origins for each in references(text)):
            referred = self._resources.referenced(self._resource, f"${{{reference}}}")
            for text in _searched(referred) if referred else ():
                links[text] = f"<{self._address(reference)}>"
        return links

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(map(re.escape, sorted(self._links, key=len, reverse=True))))

    def _with_roles(self, text: str) -> str:
        """Return a text with `{own}` or `{other}` for each region, sorted in a list of regions.

        All regions of a platform, separated by commas, are the same list in each of them.
        """
        entries = text.split(",")
        if all(map(is_region, entries)):
            entries.sort(key=self._region.__ne__)
        return REGION_IN_ADDRESS.sub(self._role, ",".join(entries))

    def _role(self, region: re.Match[str]) -> str:
        return "{own}" if region.group().replace("_", "-") == self._region else "{other}"


def without_expressions(value: Json) -> Json:
    """Return a value with the same placeholder for every text that is an expression."""
    if isinstance(value, list):
        return [without_expressions(each) for each in cast("list[Json]", value)]
    if isinstance(value, dict):
        return {key: without_expressions(each) for key, each in mapping(value).items()}
    return _UNKNOWN if isinstance(value, str) and has_expression(value) else value


def set_value(resource: Resource, argument: str) -> Json:
    """Return an argument's value, or its default if that is not written out."""
    value = resource.arguments.get(argument)
    if (resource.type, argument) in _DNS_NAMES:
        entries = cast("list[Json]", value) if isinstance(value, list) else [value]
        names = [_in_dns(each) if isinstance(each, str) else each for each in entries]
        return names if isinstance(value, list) else names[0]
    default = default_of(resource.type, argument)
    if value is None:
        return None if default is False else default
    return None if value is False and not default and argument not in _TRUE_IF_UNSET else value


def _in_dns(text: str) -> str:
    return text if has_expression(text) else dns_name(text)


def _listed(policy: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return a part of a policy with a list for each single value; actions have no case.

    docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html and
    reference_policies_elements_action.html.
    """
    listed = dict[str, Json]()
    for key, value in policy.items():
        values = cast("list[Json]", value) if isinstance(value, list) else [value]
        values = [_listed(mapping(each)) if isinstance(each, dict) else each for each in values]
        if key == "Statement":
            values = _split(values)
        listed[key] = [str(each).lower() for each in values] if key in _ACTIONS else values
    return listed


def _split(statements: list[Json]) -> list[Json]:
    """Return a statement for each action and resource of the statements, which allow the same.

    As they are, if there would be very many of them.
    """
    single = (
        {**mapping(statement), "Action": action, "Resource": resource}
        for statement in statements
        for action in texts(mapping(statement).get("Action")) or (None,)
        for resource in texts(mapping(statement).get("Resource")) or (None,)
    )
    split = list(islice(single, _MOST_STATEMENTS))
    distinct = {json.dumps(statement, sort_keys=True): statement for statement in split}
    return statements if len(split) == _MOST_STATEMENTS else [*distinct.values()]


def _searched(resource: Resource) -> list[str]:
    """Return the attributes of a resource that may be part of another text, such as its id.

    Without those that contain another one: an ARN has the region next to the name.
    """
    texts = (each for each in resource.values.values() if isinstance(each, str))
    searched = list[str]()
    for text in sorted(texts, key=len):
        is_whole = is_region(text) or text.startswith(("{", "[")) or has_expression(text)
        is_longer = any(each in text for each in searched)
        if len(text) >= _SHORTEST_ATTRIBUTE and not is_whole and not is_longer:
            searched.append(text)
    return searched


def _parsed(text: str) -> Json:
    """Return the object or list of a JSON text, None for any other text."""
    if not text.startswith(("{", "[")):
        return None
    # A key of an instance in an expression has quotes, which are none of the JSON text.
    escaped = (
        json.dumps(each.text)[1:-1] if each.is_expression else each.text for each in parts(text)
    )
    return json_in("".join(escaped))
