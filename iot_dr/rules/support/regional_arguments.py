"""Arguments of a resource in a form that corresponding resources of all regions share."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from typing import Final, cast

from iot_dr.route53.aws_host import REGION_IN_ADDRESS, is_region
from iot_dr.rules.support.regional_stack import without_region
from iot_dr.terraform_json.expression import has_expression, references
from iot_dr.terraform_json.json_value import Json, mapping
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

IGNORED: Final = frozenset(
    (
        *("//", "tags", "tags_all", "description", "alarm_description", "provider", "timeouts"),
        *("reference_name", "measure_latency"),
    )
)
"""Arguments that neither a device nor a health check would notice."""

_SIDE: Final = re.compile(r"[-_]?\*[-_]?")
# The shortest attribute that is searched for in another text: an id of API Gateway has seven
# characters, and a shorter text could be any.
_SHORTEST_ATTRIBUTE: Final = 6
# Terraform copies a module's files for each of its calls.
_MODULE_FOLDER: Final = re.compile(r"\.terraform/modules/[^/]+/")
_UNKNOWN: Final = "${}"


class RegionalArguments:
    """The arguments of a resource in a region.

    Regions and references are replaced, tags and descriptions left out, JSON texts such as
    policies parsed, and numbers and flags written as texts, as Terraform converts them. The order
    of texts in a list does not count.
    """

    def __init__(self, resources: ResourceSet, resource: Resource, region: str) -> None:
        self._resources = resources
        self._resource = resource
        self._region = region

    def normal(self, value: Json) -> Json:
        """Return a value in this form."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            entries = [self.normal(each) for each in cast("list[Json]", value)]
            is_of_texts = all(isinstance(each, str) for each in entries)
            return sorted(entries) if is_of_texts else entries
        if isinstance(value, dict):
            return {
                self._with_roles(key): self.normal(entry)
                for key, entry in mapping(value).items()
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
            referenced = self._resources.referenced(self._resource, f"${{{reference}}}")
            # Of a resource that is not declared here, only the address can correspond.
            name = referenced.address if referenced else reference
            value = value.replace(reference, _without_side(name))
        return self._with_roles(value)

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
                links[text] = f"<{_without_side(referred.address)}>" if referred else ""
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


def _without_side(address: str) -> str:
    return _SIDE.sub("", without_region(address))


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
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
