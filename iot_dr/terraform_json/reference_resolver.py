"""Follows references from their place to what they mean."""

import json
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from iot_dr.terraform_json.attributes import canonical
from iot_dr.terraform_json.dns_name import full_name
from iot_dr.terraform_json.expression import (
    Part,
    Step,
    has_expression,
    parts,
    references,
    replaced_references,
    single_reference,
    steps,
)
from iot_dr.terraform_json.index import Identities, StackIndex
from iot_dr.terraform_json.json_value import Json, descend, texts_in
from iot_dr.terraform_json.named_values import NamedValues, path_text
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.scope import Scope
from iot_dr.terraform_json.stack_resources import StackResources

# Texts within texts within texts: real ones go three deep, and hostile ones must end.
_DEEPEST: Final = 30
_LONGEST: Final = 65_536


class _Literal(NamedTuple):
    """A value that is known; a text may still have expressions in it."""

    value: Json


class _Unresolved(NamedTuple):
    """What is not known yet, by its name; `is_found` when something in the set has that name."""

    name: str
    is_found: bool


_Result = _Literal | _Unresolved
_Location = tuple[Scope, tuple[Step, ...]]


class _Resolution:
    """One resolution: what it met, so that circles end and nothing is followed twice."""

    def __init__(self) -> None:
        self.destinations: dict[_Location, _Result] = {}
        self.open: set[_Location] = set()
        self.depth = 0


class ReferenceResolver:
    """Knows what every name in the stacks means."""

    def __init__(self, stacks: Sequence[StackResources]) -> None:
        self._naming = NamedValues(stacks, [StackIndex(stack) for stack in stacks])
        self._reaching = ReferencedResources(self._naming)

    def referenced(self, place: Scope, text: str) -> Iterator[Resource]:
        """Yield each resource that a text's references reach first."""
        return self._reaching.referenced(place, text)

    def resolved(self, place: Scope, text: str) -> Json:
        """Give what a text with references means, as `ResourceSet.resolve` promises."""
        return self._text(place, text, _Resolution())

    def _text(self, place: Scope, text: str, walk: _Resolution) -> Json:
        if reference := single_reference(text):
            end = self._end(place, steps(reference), walk)
            return end.value if isinstance(end, _Literal) else end.name
        written = "".join(self._part(place, part, walk) for part in parts(text))
        return written if len(written) <= _LONGEST else text

    def _part(self, place: Scope, part: Part, walk: _Resolution) -> str:
        if not part.is_expression:
            return part.text
        if reference := single_reference(part.text):
            end = self._end(place, steps(reference), walk)
            if isinstance(end, _Literal):
                return end.value if isinstance(end.value, str) else json.dumps(end.value)
            return f"${{{end.name}}}" if end.is_found else part.text
        ends = {each: self._end(place, steps(each), walk) for each in references(part.text)}
        others = {each: written for each, end in ends.items() if (written := _inside(end))}
        return replaced_references(part.text, others)

    def _end(self, place: Scope, way: tuple[Step, ...], walk: _Resolution) -> _Result:
        """Follow a reference to its end; one that leads back to itself ends at its own name."""
        met: list[_Location] = []
        spot: _Location = (place, way)
        end: _Result | None = None
        while end is None:
            if spot in walk.destinations:
                end = walk.destinations[spot]
            elif spot in walk.open:
                # All that stand in one circle are told by one name, so that they compare.
                circle = met[met.index(spot) :] if spot in met else [spot]
                end = _Unresolved(min(self._name(*each) for each in circle), is_found=True)
            else:
                walk.open.add(spot)
                met.append(spot)
                onward = self._onward(*spot, walk)
                end, spot = (
                    (onward, spot) if isinstance(onward, _Literal | _Unresolved) else (None, onward)
                )
        for each in met:
            walk.open.discard(each)
            walk.destinations[each] = end
        return end

    def _onward(
        self, place: Scope, way: tuple[Step, ...], walk: _Resolution
    ) -> _Result | _Location:
        resources = list(self._naming.resources(place, way))
        if len(resources) == 1:
            number, resource, rest = resources[0]
            return self._attribute(number, resource, rest, walk)
        if resources:
            return _Unresolved(self._name(place, way), is_found=True)
        if (key := self._naming.instance_key(place, way)) is not None:
            return _Literal(key)
        defined = list(self._naming.definitions(place, way))
        is_found = bool(defined) or self._naming.is_hand_over(way)
        thing = _Unresolved(self._name(place, way), is_found=is_found)
        if len(defined) != 1:
            return thing
        there, value, rest = defined[0]
        return self._meaning(there, value, rest, thing, walk)

    def _attribute(
        self, number: int, resource: Resource, rest: tuple[Step, ...], walk: _Resolution
    ) -> _Result | _Location:
        stack, place = self._naming.stacks[number], self._naming.place(number, resource)
        head = canonical(resource.mode, resource.type, str(rest[0])) if rest else ""
        path = (head, *rest[1:]) if rest else ()
        thing = _Unresolved(f"{stack.name}/{resource.address}{path_text(path)}", is_found=True)
        if (
            head == "fqdn"
            and resource.type == "aws_route53_record"
            and not _is_known(resource, "fqdn")
        ):
            return self._fqdn(number, resource, thing, walk)
        if not rest or resource.values.get(head) is None:
            return thing
        return self._meaning(place, resource.values[head], rest[1:], thing, walk)

    def _fqdn(
        self, number: int, record: Resource, thing: _Unresolved, walk: _Resolution
    ) -> _Result:
        place, argument = self._naming.place(number, record), record.values.get("name")
        name = self._inner(place, argument, walk)
        if not isinstance(name, str):
            return thing
        reference = single_reference(str(argument))
        if reference and isinstance(
            end := walk.destinations.get((place, steps(reference))), _Unresolved
        ):
            return end
        zones = list(self._reaching.referenced(place, str(record.values.get("zone_id") or "")))
        zone = zones[0] if len(zones) == 1 else None
        if zone is None:
            return _Literal(name)
        there = self._naming.place(self._naming.number(zone), zone)
        return _Literal(full_name(name, self._inner(there, zone.values.get("name"), walk)))

    def _meaning(
        self,
        place: Scope,
        value: Json,
        rest: tuple[Step, ...],
        thing: _Unresolved,
        walk: _Resolution,
    ) -> _Result | _Location:
        """Say what a value means of which `thing` is the name: a literal, or where it goes on."""
        value, rest = descend(value, rest)
        if isinstance(value, bool | int | float):
            return thing if rest else _Literal(value)
        if not isinstance(value, str):
            return thing
        if reference := single_reference(value):
            return place, steps(reference) + rest
        if rest:
            return thing
        return (
            _Literal(self._inner(place, value, walk)) if has_expression(value) else _Literal(value)
        )

    def _inner(self, place: Scope, value: Json, walk: _Resolution) -> Json:
        """Resolve a text within another; beyond a depth that no real one has, leave it."""
        if not isinstance(value, str) or walk.depth >= _DEEPEST or not references(value):
            return value
        walk.depth += 1
        try:
            return self._text(place, value, walk)
        finally:
            walk.depth -= 1

    def _name(self, place: Scope, way: tuple[Step, ...]) -> str:
        return self._naming.name(place, way)


def _is_known(resource: Resource, attribute: str) -> bool:
    return isinstance(resource.values.get(attribute), str)


def _inside(end: _Result) -> str:
    """Write what a reference means within an expression; empty where it is to stay."""
    if isinstance(end, _Unresolved):
        return end.name if end.is_found else ""
    return json.dumps(end.value)


class ReferencedResources:
    """Follows every reference of a text to resources, and no further."""

    def __init__(self, naming: NamedValues) -> None:
        self._naming = naming
        self._identities = Identities(naming.stacks)

    def referenced(self, place: Scope, text: str) -> Iterator[Resource]:
        """Yield each resource that a text's references reach first, through all other names."""
        waiting, seen = [(place, text)], {(place, text)}
        given: set[tuple[int, str]] = set()
        while waiting:
            here, value = waiting.pop(0)
            for number, resource, onward in self._next(here, value):
                if resource is not None and (number, resource.address) not in given:
                    given.add((number, resource.address))
                    yield resource
                if onward is not None and onward not in seen:
                    seen.add(onward)
                    waiting.append(onward)

    def _next(
        self, place: Scope, text: str
    ) -> Iterator[tuple[int, Resource | None, tuple[Scope, str] | None]]:
        """Yield what a text leads to: resources, or texts that other names stand for."""
        found = references(text)
        if not found and (known := self._identities.find(place.stack, text)):
            yield *known, None
        for reference in found:
            way = steps(reference)
            for number, resource, _ in self._naming.resources(place, way):
                yield number, resource, None
            for there, value, rest in self._naming.definitions(place, way, for_link=True):
                for each in texts_in(descend(value, rest)[0]):
                    yield there.stack, None, (there, each)
