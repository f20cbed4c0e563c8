"""Which resources an expression reaches first, through all names that are none."""

from collections.abc import Iterator

from iot_dr.terraform_json.expression import references, steps
from iot_dr.terraform_json.index import Identities
from iot_dr.terraform_json.json_value import dug, texts_in
from iot_dr.terraform_json.naming import Naming
from iot_dr.terraform_json.place import Place
from iot_dr.terraform_json.resource import Resource


class Reaching:
    """Follows every reference of a text to resources, and no further."""

    def __init__(self, naming: Naming) -> None:
        self._naming = naming
        self._identities = Identities(naming.stacks)

    def reached(self, place: Place, text: str) -> Iterator[Resource]:
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
        self, place: Place, text: str
    ) -> Iterator[tuple[int, Resource | None, tuple[Place, str] | None]]:
        """Yield what a text leads to: resources, or texts that other names stand for."""
        found = references(text)
        if not found and (known := self._identities.find(place.stack, text)):
            yield *known, None
        for reference in found:
            way = steps(reference)
            for number, resource, _ in self._naming.resources(place, way):
                yield number, resource, None
            for there, value, rest in self._naming.definitions(place, way, for_link=True):
                for each in texts_in(dug(value, rest)[0]):
                    yield there.stack, None, (there, each)
