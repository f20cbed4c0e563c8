"""The resources of all stacks that are checked together."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from iot_dr.terraform_json.expression import has_expression, references
from iot_dr.terraform_json.index import Taken
from iot_dr.terraform_json.json_value import Json
from iot_dr.terraform_json.reference_resolver import ReferenceResolver
from iot_dr.terraform_json.resource import Mode, Resource
from iot_dr.terraform_json.scope import Scope, scope_of
from iot_dr.terraform_json.stack_resources import StackResources

_Key = tuple[int, str, str, str]
_Candidates = tuple[_Key, str, Taken]


class ResourceSet:
    """Stacks that belong together, such as those of one environment; their names are unique."""

    def __init__(self, stacks: Iterable[StackResources]) -> None:
        self.stacks = tuple(stacks)
        self._numbers = {stack.name: number for number, stack in enumerate(self.stacks)}
        self._resolver = ReferenceResolver(self.stacks)
        self._by_type: defaultdict[tuple[Mode, str], list[Resource]] = defaultdict(list)
        for stack in self.stacks:
            for resource in stack.resources:
                if resource.exists:
                    self._by_type[resource.mode, resource.type].append(resource)
        self._resolved: dict[_Key, Json] = {}
        self._candidates: dict[_Candidates, tuple[Resource | None, ...]] = {}

    def of_type(self, *types: str) -> Iterator[Resource]:
        """Yield the managed resources of these types in all stacks that exist after the plan."""
        for type_ in types:
            yield from self._by_type.get(("managed", type_), ())

    def resolve(self, resource: Resource, value: Json) -> Json:
        """Resolve the references in a value of `resource`.

        A template that is a single reference is followed through arguments, outputs and remote
        states into other stacks, to a literal, or else to the text `STACK/ADDRESS.ATTRIBUTE`: two
        values with the same target resolve to the same text. In a longer template only its
        references are replaced. Any other value is returned unchanged.
        """
        if not isinstance(value, str) or not references(value):
            return value
        scope, key = self._key(resource, value, value)
        if key not in self._resolved:
            self._resolved[key] = self._resolver.resolved(scope, value)
        return self._resolved[key]

    def referenced(self, resource: Resource, value: Json, *types: str) -> Resource | None:
        """Return the resource that a value of `resource` refers to, None if not exactly one.

        `types` are those that the argument takes; without, any. References of that resource are
        not followed, nor is an expression with locals, of which a plan knows no more. A literal
        refers to the resource whose id or ARN it is, or whose attribute a plan names as its origin.
        """
        candidates = self._referred(resource, value, types)
        if isinstance(value, str) and not has_expression(value):
            candidates = tuple(filter(None, candidates))
        return candidates[0] if len(candidates) == 1 else None

    def candidates(self, resource: Resource, value: Json, *types: str) -> tuple[Resource, ...]:
        """Return every resource that a value may refer to, e.g. both sides of a condition."""
        return tuple(filter(None, self._referred(resource, value, types)))

    def _referred(
        self, resource: Resource, value: Json, types: tuple[str, ...]
    ) -> tuple[Resource | None, ...]:
        """Return the candidates, with None for what else an expression may refer to."""
        if not isinstance(value, str) or not value:
            return ()
        origin = resource.origins.get(value, value)
        scope, own = self._key(resource, value, origin)
        taken = Taken(types, resource.region)
        key = own, origin, taken
        if key not in self._candidates:
            # A known id decides; the origin of a text may be a part of its expression.
            texts = dict.fromkeys((origin, value))
            every = reversed(texts) if types else texts
            referred = (tuple(self._resolver.referenced(scope, each, taken)) for each in every)
            self._candidates[key] = next(filter(any, referred), ())
        return self._candidates[key]

    def _key(self, resource: Resource, value: str, origin: str) -> tuple[Scope, _Key]:
        scope = scope_of(self._numbers[resource.stack], resource)
        # Only in these cases does an expression depend on the resource itself.
        is_own = any(word in text for text in (value, origin) for word in ("each.", "count."))
        return scope, (scope.stack, scope.module, scope.owner if is_own else "", value)
