"""A project's own stacks: their classes, and what they depend on.

The classes are in the project's code, which is imported only for a graph or for synthesis.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from pathlib import Path
from typing import Any, Final, cast

from environments.errors import ABSENT, Mistake, SettingsError, dotted, quote_value
from environments.modules import KIND, LONGEST_KIND, ModuleCall
from environments.own_stacks import DeclaredStack, DeclaredStacks
from environments.project import settings_file
from environments.settings import Settings
from modules.stack_names import PLATFORM_KINDS, What
from stacks.own_code import import_detail, own_code
from stacks.stack_declaration import StackDeclaration

DEVICE_DATA: Final[tuple[What, ...]] = ("telemetry", "device-registry")
"""The regional stacks of device data, for environments with a data block (ADR 0021)."""
REGIONAL: Final = frozenset(("iot", *DEVICE_DATA))
"""The platform's kinds of stacks that each region has."""

_KIND_RULE: Final = (
    f"expected lower-case letters, digits and hyphens, at most {LONGEST_KIND}, without a region at"
    ' the end, such as kind = "topic-rules"'
)
_READABLE: Final = sorted(PLATFORM_KINDS - {"pipeline", "state"})
_AFTER_REGIONS: Final = REGIONAL | {"entry-point"}


@dataclass(frozen=True, kw_only=True)
class OwnStack:
    """An own stack: its kind, the kinds of stacks that it reads, and its class or its module.

    `is_late` is true for a global stack that reads regional ones or the entry point, so it is
    rolled out after them.
    """

    kind: str
    is_regional: bool
    is_late: bool
    depends_on: tuple[str, ...]
    stack_class: type[Any] | None = None  # of BaseStack, which imports this module
    module: ModuleCall | None = None


@dataclass(frozen=True, kw_only=True)
class _Declared:
    """A declared kind: the stacks that it reads, and where it is declared."""

    kind: str
    upstream: tuple[str, ...]
    is_regional: bool
    declaration: DeclaredStack
    stack_class: type[StackDeclaration] | None = None
    module: ModuleCall | None = None


def with_own_stacks(
    settings: Settings,
    regional: Iterable[type[StackDeclaration]],
    global_: Iterable[type[StackDeclaration]],
) -> Settings:
    """Return the settings with these own stacks in place of those that `cdktf.json` names."""
    return settings.with_declared_stacks(
        DeclaredStacks(
            regional=tuple(map(DeclaredStack.of, regional)),
            global_=tuple(map(DeclaredStack.of, global_)),
        )
    )


def own_stacks(settings: Settings) -> tuple[OwnStack, ...]:
    """Return the own stacks of an environment.

    Raises SettingsError if a class cannot be imported, or its kind or dependencies are impossible.
    """
    if not settings.has_own_stacks:
        return ()
    declared = (*_classes(settings.declared_stacks), *_modules(settings))
    for own in declared:
        missing = sorted({"data", "telemetry", "device-registry"} & {*own.upstream})
        if missing and settings.data is None:
            message = (
                f"depends on {missing[0]}, which {settings.environment} does not have;"
                f" add the block data to {settings_file(settings.environment)}"
            )
            raise own.declaration.error(message)
    return _resolved(declared)


def _modules(settings: Settings) -> Iterator[_Declared]:
    for index, module in enumerate(settings.modules):
        steps = ("modules", index)
        place = DeclaredStack(
            source=module.name,
            file=settings_file(settings.environment),
            line=settings.lines.get(steps),
            key=dotted(steps),
        )
        yield _Declared(
            kind=module.name,
            upstream=module.upstream,
            is_regional=module.scope == "regional",
            declaration=place,
            module=module,
        )


@lru_cache(maxsize=8)
def _classes(declared: DeclaredStacks) -> tuple[_Declared, ...]:
    regional = len(declared.regional)
    classes: list[_Declared] = []
    for index, declaration in enumerate((*declared.regional, *declared.global_)):
        name = declaration.name
        with own_code(name, partial(_import_error, declaration)):
            stack_class = _class(declaration, declared.root)
            own = _Declared(
                kind=_kind(declaration, stack_class.kind),
                upstream=_upstream(declaration, stack_class.upstream),
                is_regional=index < regional,
                declaration=declaration,
                stack_class=stack_class,
            )
        classes.append(own)
    return tuple(classes)


def refuse_without_provider(stack: str, document: Mapping[str, Any]) -> None:
    """Raise SettingsError if a resource in the Terraform JSON of an own stack has no provider.

    Terraform would accept it, since `provider "aws"` may be configured by the shell's variables.
    """
    if any("alias" not in provider for provider in document.get("provider", {}).get("aws", ())):
        return
    for block in ("resource", "data"):
        for type_, blocks in document.get(block, {}).items():
            for name, body in blocks.items() if type_.startswith("aws_") else ():
                if "provider" not in body:
                    address = f"{'data.' * (block == 'data')}{type_}.{name}"
                    message = f"{address} has no provider; pass provider=self.provider()"
                    raise SettingsError((Mistake(stack, None, "", ABSENT, message),))


def _resolved(declared: tuple[_Declared, ...]) -> tuple[OwnStack, ...]:
    _check_kinds(declared)
    reads = {own.kind: set(own.upstream) for own in declared}
    regional = {own.kind for own in declared if own.is_regional}
    late = _late(reads, regional)
    for own in declared:
        if unknown := sorted({*own.upstream} - reads.keys() - {*_READABLE}):
            expected = ", ".join([*_READABLE, *sorted(reads.keys() - {own.kind})])
            raise own.declaration.error(f"depends on {unknown[0]!r}; expected one of {expected}")
        too_late = sorted({*own.upstream} & {"entry-point", *late})
        if own.is_regional and too_late:
            message = (
                f"is in each region and depends on {too_late[0]}, which is applied after all"
                " regions; make it a global stack"
            )
            raise own.declaration.error(message)
        read_in_regions = sorted({*own.upstream} & (REGIONAL | regional))
        if own.module and not own.is_regional and read_in_regions:
            message = (
                f"is global and reads {read_in_regions[0]}, which is in each region;"
                " write scope: regional, or an own stack in Python"
            )
            raise own.declaration.error(message)
    if cycle := _cycle(reads):
        message = f"own stacks depend on each other: {cycle}; remove one from upstream"
        raise declared[0].declaration.error(message)
    return tuple(
        OwnStack(
            kind=own.kind,
            is_regional=own.is_regional,
            is_late=own.kind in late,
            depends_on=own.upstream,
            stack_class=own.stack_class,
            module=own.module,
        )
        for own in declared
    )


def _cycle(reads: Mapping[str, Iterable[str]]) -> str | None:
    try:
        TopologicalSorter(reads).prepare()
    except CycleError as error:
        kinds: list[str] = error.args[1]
        return " -> ".join(reversed(kinds))
    return None


def _class(declaration: DeclaredStack, root: Path | None) -> type[StackDeclaration]:
    source = declaration.source
    value = _imported(declaration, source, root) if isinstance(source, str) else source
    if not (isinstance(value, type) and issubclass(value, StackDeclaration)):
        raise declaration.error("must be a class derived from iot_dr.api.BaseStack", source)
    return value


def _imported(declaration: DeclaredStack, name: str, root: Path | None) -> object:
    module_name, _, class_name = name.partition(":")
    if not all(part.isidentifier() for part in (*module_name.split("."), class_name)):
        message = 'must be module:Class, such as "my_stacks:MyStack"'
        raise declaration.error(message, name)
    # Last, so that no file of the project takes the place of a module of iot-dr or of Python.
    if root and str(root) not in sys.path:
        sys.path.append(str(root))
    module = import_module(module_name)
    if not hasattr(module, class_name):
        raise declaration.error(f"is not in {module_name}: it has no {class_name}", name)
    return getattr(module, class_name)


def _import_error(declaration: DeclaredStack, error: BaseException) -> SettingsError:
    value = declaration.source if isinstance(declaration.source, str) else ABSENT
    return declaration.error(f"cannot be imported: {import_detail(error)}", value)


def _kind(declaration: DeclaredStack, kind: object) -> str:
    if not isinstance(kind, str):
        raise declaration.error(f"has the kind {quote_value(kind)}; {_KIND_RULE}")
    return _exact(kind)


def _exact(text: str) -> str:
    """Return the characters of a text without the methods of its own type."""
    return str.__str__(text)


def _upstream(declaration: DeclaredStack, upstream: object) -> tuple[str, ...]:
    if isinstance(upstream, Iterable) and not isinstance(upstream, str):
        kinds = tuple(cast("Iterable[object]", upstream))
        if all(isinstance(kind, str) for kind in kinds):
            return tuple(map(_exact, cast("tuple[str, ...]", kinds)))
    problem = f"has the upstream {quote_value(upstream)}"
    raise declaration.error(f'{problem}; expected kinds of stacks, such as upstream = ("iot",)')


def _check_kinds(declared: Iterable[_Declared]) -> None:
    seen: set[str] = set()
    for own in declared:
        kind, declaration = own.kind, own.declaration
        if kind in PLATFORM_KINDS:
            message = f"has the kind {kind!r}, which is one of the platform's; choose another kind"
            raise declaration.error(message)
        if kind in seen:
            raise declaration.error(f"has the kind {kind!r} of another own stack; choose another")
        if len(kind) > LONGEST_KIND or not KIND.fullmatch(kind):
            raise declaration.error(f"has the kind {quote_value(kind)}; {_KIND_RULE}")
        seen.add(kind)


def _late(reads: dict[str, set[str]], regional: set[str]) -> set[str]:
    """Return the global kinds that depend, directly or not, on regions or the entry point."""
    after = {*_AFTER_REGIONS, *regional}
    while more := {kind for kind, read in reads.items() if kind not in after and read & after}:
        after |= more
    return after - _AFTER_REGIONS - regional
