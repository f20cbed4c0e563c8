"""Definitions of named values: `var`, `local`, `module`, `each` and outputs of remote states.

developer.hashicorp.com/terraform/language/expressions/references.
"""

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
"""A value, the scope it is written in, and the steps of the reference still to follow in it."""

_NO_RESOURCES: Final = {"var", "local", "module", "each", "count", "path", "self", "terraform"}
_REMOTE_STATE: Final = ("data", "terraform_remote_state")
_IDENTIFIER: Final = re.compile(r"[A-Za-z_*][\w-]*")
# data.terraform_remote_state.NAME.outputs.OUTPUT
_HAND_OVER_STEPS: Final = 5


def path_text(path: Sequence[Step]) -> str:
    """Return steps as an expression writes them: `.records[0]`."""
    return "".join(_step_text(step) for step in path)


def _step_text(step: Step) -> str:
    if isinstance(step, int):
        return as_index(step)
    if step == EACH_KEY:
        return step
    return f".{step}" if _IDENTIFIER.fullmatch(step) else as_index(step)


class NamedValues:
    """Finds the resource or definition that a reference names; `indices` are those of `stacks`."""

    def __init__(self, stacks: Sequence[StackResources], indices: Sequence[StackIndex]) -> None:
        self.stacks = stacks
        self._indices = indices
        self._modules: dict[int, frozenset[str]] = {}
        self._hand_overs = HandOvers(stacks)

    def number(self, resource: Resource) -> int:
        """Return the number of a resource's stack."""
        return self._numbers[resource.stack]

    def scope(self, number: int, resource: Resource) -> Scope:
        """Return the scope of a resource's arguments."""
        return scope_of(number, resource)

    def resources(
        self, scope: Scope, path: tuple[Step, ...]
    ) -> Iterator[tuple[int, Resource, tuple[Step, ...]]]:
        """Yield the resource that a reference names, or its instances, with the remaining steps."""
        size = 3 if path[0] == "data" else 2
        head, rest = path[:size], path[size:]
        if path[0] in _NO_RESOURCES or path[:2] == _REMOTE_STATE or len(head) < size:
            return
        name, index = ".".join(map(str, head)), self._indices[scope.stack]
        key = rest[0] if rest else None
        if isinstance(key, str) and key not in {EACH_KEY, "*"}:
            # A name after the address is an instance key only if that instance exists.
            keyed = index.exact.get(scope.module + name + as_index(key))
            resources, rest = (
                ((keyed,), rest[1:]) if keyed else (index.find(scope, name, None), rest)
            )
        else:
            resources, rest = index.find(scope, name, None if key == "*" else key), rest[1:]
        for resource in resources:
            yield scope.stack, resource, rest

    def definitions(
        self, scope: Scope, path: tuple[Step, ...], *, for_link: bool = False
    ) -> Iterator[Definition]:
        """Yield the definitions that a reference names; several for instances, none for a resource.

        `for_link` prefers an output's expression to its value if a plan has both.
        """
        if len(path) < 2:  # noqa: PLR2004 - no name is shorter
            return
        if path[0] in {"var", "local"}:
            yield from self._own(scope, path)
        elif path[0] == "module":
            yield from self._module(scope, path)
        elif path[:2] == ("each", "value"):
            yield from self._each(scope, path[2:])
        elif path[:2] == _REMOTE_STATE and len(path) >= _HAND_OVER_STEPS:
            yield from self._hand_over(scope, path, for_link=for_link)

    def instance_key(self, scope: Scope, path: tuple[Step, ...]) -> Step | None:
        """Return the key for a reference `each.key` or `count.index`, None for any other."""
        return scope.key if path in {("each", "key"), ("count", "index")} else None

    def is_hand_over(self, path: tuple[Step, ...]) -> bool:
        """Whether a reference is to an output of a remote state."""
        return path[:2] == _REMOTE_STATE and len(path) >= _HAND_OVER_STEPS

    def name(self, scope: Scope, path: tuple[Step, ...]) -> str:
        """Return a name for a reference that is the same in every stack."""
        if self.is_hand_over(path) and (read := self._state_read(scope, path)):
            number = self._hand_overs.stack(read)
            config = read.config
            where = f"{config.get('bucket', read.backend)}/{state_key(config)}"
            where = where if number is None else self.stacks[number].name
            return f"{where}/output{path_text(path[4:])}"
        return f"{self.stacks[scope.stack].name}/{scope.module}{path[0]}{path_text(path[1:])}"

    def _own(self, scope: Scope, path: tuple[Step, ...]) -> Iterator[Definition]:
        definitions = self.stacks[scope.stack].definitions
        name = f"{without_keys(scope.module)}{path[0]}.{path[1]}"
        if name not in definitions:
            return
        scope = Scope(scope.stack, scope.module, "")
        if path[0] == "var" and scope.module:
            call = scope.module.removesuffix(".")
            scope = Scope(scope.stack, module_of(call), call)
        yield scope, definitions[name], path[2:]

    def _module(self, scope: Scope, path: tuple[Step, ...]) -> Iterator[Definition]:
        base, rest = f"{scope.module}module.{path[1]}", path[2:]
        known = self._module_paths(scope.stack)
        key = scope.key if rest[:1] == (EACH_KEY,) else next(iter(rest), None)
        keyed = base + as_index(key) if key is not None and key != "*" else None
        if keyed in known:
            module_paths, rest = [keyed], rest[1:]
        else:
            rest = rest[1:] if key == "*" or isinstance(key, int) else rest
            module_paths = sorted(each for each in known if without_key(each) == base) or [base]
        if not rest:
            return
        definitions = self.stacks[scope.stack].definitions
        for module_path in module_paths:
            name = f"{without_keys(module_path)}.output.{rest[0]}"
            if name in definitions:
                yield Scope(scope.stack, f"{module_path}.", ""), definitions[name], rest[1:]

    def _each(self, scope: Scope, rest: tuple[Step, ...]) -> Iterator[Definition]:
        made_from = self.stacks[scope.stack].definitions.get(f"{without_keys(scope.owner)}.each")
        scope = Scope(scope.stack, module_of(scope.owner), "")
        if isinstance(made_from, Mapping):
            if scope.key in made_from:
                yield scope, made_from[scope.key], rest
        elif made_from is not None:
            yield scope, made_from, rest

    def _hand_over(
        self, scope: Scope, path: tuple[Step, ...], *, for_link: bool
    ) -> Iterator[Definition]:
        read = self._state_read(scope, path)
        if read is None:
            return
        output, rest, number = str(path[4]), path[5:], self._hand_overs.stack(read)
        if number is None:
            if output in read.outputs:
                yield scope, read.outputs[output], rest
            return
        stack, scope = self.stacks[number], Scope(number, "", "")
        link = stack.definitions.get(f"output.{output}") if for_link else None
        if link is not None or output in stack.outputs:
            yield scope, stack.outputs[output] if link is None else link, rest

    def _state_read(self, scope: Scope, path: tuple[Step, ...]) -> StateRead | None:
        reads = self._reads.get(scope.stack, {})
        name = f"{scope.module}{path[2]}"
        return reads.get(name) or reads.get(without_keys(name))

    def _module_paths(self, stack: int) -> frozenset[str]:
        if stack not in self._modules:
            paths: set[str] = set()
            for address in self._indices[stack].exact:
                path = module_of(address).removesuffix(".")
                while path and path not in paths:
                    paths.add(path)
                    path = module_of(path).removesuffix(".")
            self._modules[stack] = frozenset(paths)
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
