"""The resources of all stacks that are judged together."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from iot_dr.terraform_json.expression import references
from iot_dr.terraform_json.json_value import Json
from iot_dr.terraform_json.reference_resolver import ReferenceResolver
from iot_dr.terraform_json.resource import Mode, Resource
from iot_dr.terraform_json.scope import Scope, scope_of
from iot_dr.terraform_json.stack_resources import StackResources

_Key = tuple[int, str, str, str]


class ResourceSet:
    """Stacks that belong together, such as those of one environment; each has a name of its own."""

    def __init__(self, stacks: Iterable[StackResources]) -> None:
        self.stacks = tuple(stacks)
        self._numbers = {stack.name: number for number, stack in enumerate(self.stacks)}
        self._following = ReferenceResolver(self.stacks)
        self._by_type: defaultdict[tuple[Mode, str], list[Resource]] = defaultdict(list)
        for stack in self.stacks:
            for resource in stack.resources:
                if resource.exists:
                    self._by_type[resource.mode, resource.type].append(resource)
        self._resolved: dict[_Key, Json] = {}
        self._candidates: dict[_Key, tuple[Resource, ...]] = {}

    def of_type(self, *types: str) -> Iterator[Resource]:
        """Yield the resources of these types that are there after the change, in all stacks.

        One that a plan only destroys is not among them; data sources never are.
        """
        for type_ in types:
            yield from self._by_type.get(("managed", type_), ())

    def resolve(self, resource: Resource, value: Json) -> Json:
        """Follow a value of `resource` as far as the set tells.

        An expression that is one reference is followed through arguments, outputs and remote
        states into other stacks, to a literal, or else to `STACK/ADDRESS.ATTRIBUTE`: two values
        that lead to the same thing resolve to the same text. An expression within other text
        stays, with literals and such texts in the place of its references. Anything else is given
        back.
        """
        if not isinstance(value, str) or not references(value):
            return value
        place, key = self._key(resource, value)
        if key not in self._resolved:
            self._resolved[key] = self._following.resolved(place, value)
        return self._resolved[key]

    def referenced(self, resource: Resource, value: Json) -> Resource | None:
        """Give the resource that a value of `resource` refers to, None where it is not certain.

        It is the first one on the way: what it refers to itself is not followed. A literal leads
        to the resource whose id or ARN it is, or that a plan says it came from.
        """
        found = self.candidates(resource, value)
        return found[0] if len(found) == 1 else None

    def candidates(self, resource: Resource, value: Json) -> tuple[Resource, ...]:
        """Give every resource that a value may refer to; a condition, for one, names several."""
        if not isinstance(value, str) or not value:
            return ()
        place, key = self._key(resource, value)
        if key not in self._candidates:
            found = self._following.referenced(place, resource.origins.get(value, value))
            self._candidates[key] = tuple(found) or tuple(self._following.referenced(place, value))
        return self._candidates[key]

    def _key(self, resource: Resource, value: str) -> tuple[Scope, _Key]:
        place = scope_of(self._numbers[resource.stack], resource)
        # What an expression means depends on the resource itself in these cases alone.
        is_own = bool(resource.origins) or "each." in value or "count." in value
        return place, (place.stack, place.module, place.owner if is_own else "", value)
