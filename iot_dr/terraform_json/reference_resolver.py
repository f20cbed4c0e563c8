"""Follows references to the values that they resolve to."""

import json
import re
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from iot_dr.terraform_json.attributes import canonical
from iot_dr.terraform_json.dns_name import full_name
from iot_dr.terraform_json.expression import (
    Step,
    TemplatePart,
    has_expression,
    parts,
    references,
    replaced_references,
    single_reference,
    steps,
)
from iot_dr.terraform_json.index import ANYTHING, Identities, StackIndex, Taken
from iot_dr.terraform_json.json_value import Json, descend, texts_in
from iot_dr.terraform_json.known_value import DEEPEST, LONGEST
from iot_dr.terraform_json.named_values import NamedValues, path_text
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.scope import Scope
from iot_dr.terraform_json.stack_resources import StackResources

# Functions with another value at each call, so that equal expressions differ:
# developer.hashicorp.com/terraform/language/functions.
_IMPURE: Final = re.compile(r"\b(?:uuid|timestamp|bcrypt)\(")


class _Literal(NamedTuple):
    """A known value; a string may still contain expressions."""

    value: Json


class _Unresolved(NamedTuple):
    """The name of a value that is not known; `is_found` if something in the set has that name."""

    name: str
    is_found: bool


_Result = _Literal | _Unresolved
_Location = tuple[Scope, tuple[Step, ...]]


class _Resolution:
    """The state of one resolution, so that circular references end and none is followed twice."""

    def __init__(self) -> None:
        self.results: dict[_Location, _Result] = {}
        self.open: set[_Location] = set()
        self.depth = 0


class ReferenceResolver:
    """Resolves references across stacks."""

    def __init__(self, stacks: Sequence[StackResources]) -> None:
        self._named_values = NamedValues(stacks, [StackIndex(stack) for stack in stacks])
        self._references = ReferencedResources(self._named_values)

    def referenced(
        self, scope: Scope, text: str, taken: Taken = ANYTHING
    ) -> Iterator[Resource | None]:
        """Yield what `ReferencedResources.find` yields."""
        return self._references.find(scope, text, taken)

    def resolved(self, scope: Scope, text: str) -> Json:
        """Return the value of a text with references, as `ResourceSet.resolve` documents it."""
        return self._text(scope, text, _Resolution())

    def _text(self, scope: Scope, text: str, resolution: _Resolution) -> Json:
        if reference := single_reference(text):
            result = self._follow(scope, steps(reference), resolution)
            return result.value if isinstance(result, _Literal) else result.name
        written = "".join(self._part(scope, part, resolution) for part in parts(text))
        return written if len(written) <= LONGEST else text

    def _part(self, scope: Scope, part: TemplatePart, resolution: _Resolution) -> str:
        if not part.is_expression:
            return part.text
        if reference := single_reference(part.text):
            result = self._follow(scope, steps(reference), resolution)
            if isinstance(result, _Literal):
                return result.value if isinstance(result.value, str) else json.dumps(result.value)
            return f"${{{result.name}}}" if result.is_found else part.text
        results = {
            reference: self._follow(scope, steps(reference), resolution)
            for reference in references(part.text)
        }
        replacements = {
            reference: written
            for reference, result in results.items()
            if (written := _inside(result))
        }
        return replaced_references(part.text, replacements)

    def _follow(self, scope: Scope, path: tuple[Step, ...], resolution: _Resolution) -> _Result:
        """Follow a reference to its value or its name; a circular one resolves to a name."""
        visited: list[_Location] = []
        location: _Location = (scope, path)
        result: _Result | None = None
        while result is None:
            if location in resolution.results:
                result = resolution.results[location]
            elif location in resolution.open:
                # All references of a circle resolve to one name, so that they are equal.
                circle = visited[visited.index(location) :] if location in visited else [location]
                result = _Unresolved(min(self._name(*each) for each in circle), is_found=True)
            else:
                resolution.open.add(location)
                visited.append(location)
                next_location = self._next_location(*location, resolution)
                result, location = (
                    (next_location, location)
                    if isinstance(next_location, _Literal | _Unresolved)
                    else (None, next_location)
                )
        for visited_location in visited:
            resolution.open.discard(visited_location)
            resolution.results[visited_location] = result
        return result

    def _next_location(
        self, scope: Scope, path: tuple[Step, ...], resolution: _Resolution
    ) -> _Result | _Location:
        resources = list(self._named_values.resources(scope, path))
        if len(resources) == 1:
            number, resource, rest = resources[0]
            return self._attribute(number, resource, rest, resolution)
        if resources:
            return _Unresolved(self._name(scope, path), is_found=True)
        if (key := self._named_values.instance_key(scope, path)) is not None:
            return _Literal(key)
        defined = list(self._named_values.definitions(scope, path))
        is_found = bool(defined) or self._named_values.is_hand_over(path)
        unresolved = _Unresolved(self._name(scope, path), is_found=is_found)
        if len(defined) != 1:
            return unresolved
        definition_scope, value, rest = defined[0]
        return self._resolved_value(definition_scope, value, rest, unresolved, resolution)

    def _attribute(
        self, number: int, resource: Resource, rest: tuple[Step, ...], resolution: _Resolution
    ) -> _Result | _Location:
        stack, scope = self._named_values.stacks[number], self._named_values.scope(number, resource)
        head = canonical(resource.mode, resource.type, str(rest[0])) if rest else ""
        path = (head, *rest[1:]) if rest else ()
        unresolved = _Unresolved(f"{stack.name}/{resource.address}{path_text(path)}", is_found=True)
        if (
            head == "fqdn"
            and resource.type == "aws_route53_record"
            and not _is_known(resource, "fqdn")
        ):
            return self._fqdn(number, resource, unresolved, resolution)
        if not rest or resource.values.get(head) is None:
            return unresolved
        return self._resolved_value(scope, resource.values[head], rest[1:], unresolved, resolution)

    def _fqdn(
        self, number: int, record: Resource, unresolved: _Unresolved, resolution: _Resolution
    ) -> _Result:
        scope, argument = self._named_values.scope(number, record), record.values.get("name")
        name = self._inner(scope, argument, resolution)
        if not isinstance(name, str):
            return unresolved
        reference = single_reference(str(argument))
        if reference and isinstance(
            result := resolution.results.get((scope, steps(reference))), _Unresolved
        ):
            return result
        zone_id = str(record.values.get("zone_id") or "")
        zones = list(filter(None, self._references.find(scope, zone_id)))
        zone = zones[0] if len(zones) == 1 else None
        if zone is None:
            return _Literal(name)
        zone_scope = self._named_values.scope(self._named_values.number(zone), zone)
        return _Literal(
            full_name(name, self._inner(zone_scope, zone.values.get("name"), resolution))
        )

    def _resolved_value(
        self,
        scope: Scope,
        value: Json,
        rest: tuple[Step, ...],
        unresolved: _Unresolved,
        resolution: _Resolution,
    ) -> _Result | _Location:
        """Return the literal of a value, or the next location; `unresolved` if neither is known."""
        value, rest = descend(value, rest)
        if isinstance(value, bool | int | float):
            return unresolved if rest else _Literal(value)
        if not isinstance(value, str):
            return unresolved
        if reference := single_reference(value):
            return scope, steps(reference) + rest
        if rest or (_IMPURE.search(value) and has_expression(value)):
            return unresolved
        return (
            _Literal(self._inner(scope, value, resolution))
            if has_expression(value)
            else _Literal(value)
        )

    def _inner(self, scope: Scope, value: Json, resolution: _Resolution) -> Json:
        """Resolve a template within another; beyond `DEEPEST` levels it stays as it is."""
        if not isinstance(value, str) or resolution.depth >= DEEPEST or not references(value):
            return value
        resolution.depth += 1
        try:
            return self._text(scope, value, resolution)
        finally:
            resolution.depth -= 1

    def _name(self, scope: Scope, path: tuple[Step, ...]) -> str:
        return self._named_values.name(scope, path)


def _is_known(resource: Resource, attribute: str) -> bool:
    return isinstance(resource.values.get(attribute), str)


def _inside(result: _Result) -> str:
    """Return the text for a reference inside an expression; empty if it stays."""
    if isinstance(result, _Unresolved):
        return result.name if result.is_found else ""
    return json.dumps(result.value)


class ReferencedResources:
    """Finds the resources that a text refers to, but not what those refer to."""

    def __init__(self, named_values: NamedValues) -> None:
        self._named_values = named_values
        self._identities = Identities(named_values.stacks)

    def find(self, scope: Scope, text: str, taken: Taken = ANYTHING) -> Iterator[Resource | None]:
        """Yield each resource that a text refers to, directly or through named values.

        Only of the types in `taken`, if there are any; None for a local of a plan, which may be
        anything.
        """
        pending, seen = deque([(scope, text)]), {(scope, text)}
        given: set[tuple[int, str]] = set()
        while pending:
            current, value = pending.popleft()
            for number, resource, next_text in self._next(current, value, taken):
                if resource is None and next_text is None:
                    yield None
                is_wanted = resource and (not taken.types or resource.type in taken.types)
                if resource and is_wanted and (number, resource.address) not in given:
                    given.add((number, resource.address))
                    yield resource
                if next_text is not None and next_text not in seen:
                    seen.add(next_text)
                    pending.append(next_text)

    def _next(
        self, scope: Scope, text: str, taken: Taken
    ) -> Iterator[tuple[int, Resource | None, tuple[Scope, str] | None]]:
        """Yield the resources a text refers to, and the texts of the named values in it."""
        names = references(text)
        if not names and (known := self._identities.find(scope.stack, text, taken)):
            yield *known, None
        for reference in names:
            path = steps(reference)
            for number, resource, _ in self._named_values.resources(scope, path):
                yield number, resource, None
            definitions = list(self._named_values.definitions(scope, path, for_link=True))
            if not definitions and path[0] == "local":
                yield scope.stack, None, None
            for target, value, rest in definitions:
                for value_text in texts_in(descend(value, rest)[0]):
                    yield target.stack, None, (target, value_text)
