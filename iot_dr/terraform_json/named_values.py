"""What the names in a stack's expressions stand for."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from iot_dr.terraform_json.expression import EACH_KEY, Step
from iot_dr.terraform_json.hand_over import HandOvers, state_key
from iot_dr.terraform_json.index import StackIndex
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.scope import (
    Scope,
    as_index,
    module_of,
    scope_of,
    without_key,
    without_keys,
)
from iot_dr.terraform_json.stack_resources import StackResources, StateRead

Definition = tuple[Scope, Any, tuple[Step, ...]]
"""A value, the place that it is written in, and the steps that are still to be taken into it."""

_NO_RESOURCES: Final = {"var", "local", "module", "each", "count", "path", "self", "terraform"}
_REMOTE_STATE: Final = ("data", "terraform_remote_state")
_IDENTIFIER: Final = re.compile(r"[A-Za-z_*][\w-]*")
# data.terraform_remote_state.NAME.outputs.OUTPUT
_HAND_OVER_STEPS: Final = 5


def path_text(path: Sequence[Step]) -> str:
    """Write steps as an expression has them: `.records[0]`."""
    return "".join(_step_text(step) for step in path)


def _step_text(step: Step) -> str:
    if isinstance(step, int):
        return as_index(step)
    if step == EACH_KEY:
        return step
    return f".{step}" if _IDENTIFIER.fullmatch(step) else as_index(step)


class NamedValues:
    """Finds what a reference's first steps name; `indices` are those of `stacks`, in order."""

    def __init__(self, stacks: Sequence[StackResources], indices: Sequence[StackIndex]) -> None:
        self.stacks = stacks
        self._indices = indices
        self._modules: dict[int, frozenset[str]] = {}
        self._hand_overs = HandOvers(stacks)

    def number(self, resource: Resource) -> int:
        """Give the number of a resource's stack."""
        return self._numbers[resource.stack]

    def place(self, number: int, resource: Resource) -> Scope:
        """Give the place of a resource's arguments."""
        return scope_of(number, resource)

    def resources(
        self, place: Scope, way: tuple[Step, ...]
    ) -> Iterator[tuple[int, Resource, tuple[Step, ...]]]:
        """Yield the resource that a reference begins with, or the instances, and what is left."""
        size = 3 if way[0] == "data" else 2
        head, rest = way[:size], way[size:]
        if way[0] in _NO_RESOURCES or way[:2] == _REMOTE_STATE or len(head) < size:
            return
        name, index = ".".join(map(str, head)), self._indices[place.stack]
        key = rest[0] if rest else None
        if isinstance(key, str) and key not in {EACH_KEY, "*"}:
            # A name behind the address is a key of an instance only where there is such a one.
            keyed = index.exact.get(place.module + name + as_index(key))
            found, rest = ((keyed,), rest[1:]) if keyed else (index.find(place, name, None), rest)
        else:
            found, rest = index.find(place, name, None if key == "*" else key), rest[1:]
        for resource in found:
            yield place.stack, resource, rest

    def definitions(
        self, place: Scope, way: tuple[Step, ...], *, for_link: bool = False
    ) -> Iterator[Definition]:
        """Yield what a reference to anything but a resource stands for; several for instances.

        `for_link` prefers the expression of an output to its value, where a plan tells both.
        """
        if len(way) < 2:  # noqa: PLR2004 - no name is shorter
            return
        if way[0] in {"var", "local"}:
            yield from self._own(place, way)
        elif way[0] == "module":
            yield from self._module(place, way)
        elif way[:2] == ("each", "value"):
            yield from self._each(place, way[2:])
        elif way[:2] == _REMOTE_STATE and len(way) >= _HAND_OVER_STEPS:
            yield from self._hand_over(place, way, for_link=for_link)

    def instance_key(self, place: Scope, way: tuple[Step, ...]) -> Step | None:
        """Give the key of the instance that refers to it by `each.key` or `count.index`."""
        return place.key if way in {("each", "key"), ("count", "index")} else None

    def is_hand_over(self, way: tuple[Step, ...]) -> bool:
        """Tell whether a reference is to another state's output."""
        return way[:2] == _REMOTE_STATE and len(way) >= _HAND_OVER_STEPS

    def name(self, place: Scope, way: tuple[Step, ...]) -> str:
        """Name what a reference means, for texts that compare across stacks."""
        if self.is_hand_over(way) and (read := self._state_read(place, way)):
            number = self._hand_overs.stack(read)
            config = read.config
            where = f"{config.get('bucket', read.backend)}/{state_key(config)}"
            where = where if number is None else self.stacks[number].name
            return f"{where}/output{path_text(way[4:])}"
        return f"{self.stacks[place.stack].name}/{place.module}{way[0]}{path_text(way[1:])}"

    def _own(self, place: Scope, way: tuple[Step, ...]) -> Iterator[Definition]:
        definitions = self.stacks[place.stack].definitions
        name = f"{without_keys(place.module)}{way[0]}.{way[1]}"
        if name not in definitions:
            return
        there = Scope(place.stack, place.module, "")
        if way[0] == "var" and place.module:
            call = place.module.removesuffix(".")
            there = Scope(place.stack, module_of(call), call)
        yield there, definitions[name], way[2:]

    def _module(self, place: Scope, way: tuple[Step, ...]) -> Iterator[Definition]:
        base, rest = f"{place.module}module.{way[1]}", way[2:]
        known = self._module_paths(place.stack)
        key = place.key if rest[:1] == (EACH_KEY,) else next(iter(rest), None)
        keyed = base + as_index(key) if key is not None and key != "*" else None
        if keyed in known:
            paths, rest = [keyed], rest[1:]
        else:
            rest = rest[1:] if key == "*" or isinstance(key, int) else rest
            paths = sorted(each for each in known if without_key(each) == base) or [base]
        if not rest:
            return
        definitions = self.stacks[place.stack].definitions
        for path in paths:
            name = f"{without_keys(path)}.output.{rest[0]}"
            if name in definitions:
                yield Scope(place.stack, f"{path}.", ""), definitions[name], rest[1:]

    def _each(self, place: Scope, rest: tuple[Step, ...]) -> Iterator[Definition]:
        made_from = self.stacks[place.stack].definitions.get(f"{without_keys(place.owner)}.each")
        there = Scope(place.stack, module_of(place.owner), "")
        if isinstance(made_from, Mapping):
            if place.key in made_from:
                yield there, made_from[place.key], rest
        elif made_from is not None:
            yield there, made_from, rest

    def _hand_over(
        self, place: Scope, way: tuple[Step, ...], *, for_link: bool
    ) -> Iterator[Definition]:
        read = self._state_read(place, way)
        if read is None:
            return
        output, rest, number = str(way[4]), way[5:], self._hand_overs.stack(read)
        if number is None:
            if output in read.outputs:
                yield place, read.outputs[output], rest
            return
        stack, there = self.stacks[number], Scope(number, "", "")
        link = stack.definitions.get(f"output.{output}") if for_link else None
        if link is not None or output in stack.outputs:
            yield there, stack.outputs[output] if link is None else link, rest

    def _state_read(self, place: Scope, way: tuple[Step, ...]) -> StateRead | None:
        reads = self._reads.get(place.stack, {})
        name = f"{place.module}{way[2]}"
        return reads.get(name) or reads.get(without_keys(name))

    def _module_paths(self, stack: int) -> frozenset[str]:
        if stack not in self._modules:
            found: set[str] = set()
            for address in self._indices[stack].exact:
                path = module_of(address).removesuffix(".")
                while path and path not in found:
                    found.add(path)
                    path = module_of(path).removesuffix(".")
            self._modules[stack] = frozenset(found)
        return self._modules[stack]

    @cached_property
    def _numbers(self) -> Mapping[str, int]:
        return {stack.name: number for number, stack in enumerate(self.stacks)}

    @cached_property
    def _reads(self) -> Mapping[int, Mapping[str, StateRead]]:
        return {
            number: {read.name: read for read in stack.reads}
            for number, stack in enumerate(self.stacks)
        }
