"""A project's own stacks: their classes, and what they depend on.

The classes are in the project's code, which is imported only for a graph or for synthesis.
"""

import re
import sys
import sysconfig
import traceback
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

from environments.errors import ABSENT, Mistake, SettingsError
from environments.own_stacks import DeclaredStack, DeclaredStacks
from environments.settings import Settings
from stacks.graph import What

if TYPE_CHECKING:
    from stacks.base_stack import BaseStack

REGIONAL: Final = frozenset(("iot", "telemetry", "device-registry"))
"""The platform's kinds of stacks that each region has."""

_OURS: Final = frozenset(get_args(What))
_READABLE: Final = sorted(_OURS - {"pipeline", "state"})
_AFTER_REGIONS: Final = REGIONAL | {"entry-point"}
_KIND: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_REGION_AT_END: Final = re.compile(r"(^|-)[a-z]{2}(-[a-z]+)+-\d$")
_HERE: Final = Path(__file__).parents[1]
_PACKAGES: Final = ("environments", "iot_dr", "modules", "stacks")
_LIBRARY: Final = sysconfig.get_path("stdlib")


class OwnStackError(ValueError):
    """An own stack uses the platform in a way that is not possible; the message has the remedy."""


@dataclass(frozen=True, kw_only=True)
class OwnStack:
    """An own stack: its kind, its class, and the kinds of stacks that it reads.

    `is_late` is true for a global stack that reads regional ones or the entry point, so it is
    rolled out after them.
    """

    kind: str
    is_regional: bool
    is_late: bool
    depends_on: tuple[str, ...]
    stack_class: "type[BaseStack]"


def with_own_stacks(
    settings: Settings,
    regional: "Iterable[type[BaseStack]]",
    global_: "Iterable[type[BaseStack]]",
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
    declared = settings.declared_stacks
    if not declared:
        return ()
    stacks = _resolved(declared)
    for stack, declaration in zip(stacks, _declarations(declared), strict=True):
        missing = sorted({"data", "telemetry", "device-registry"} & {*stack.depends_on})
        if missing and settings.data is None:
            message = (
                f"depends on {missing[0]}, which {settings.environment} does not have;"
                f" add the block data to {settings.environment}.yaml"
            )
            raise declaration.error(message)
    return stacks


def stack_error(error: Exception, stack: str) -> SettingsError:
    """Return the error of an own stack's code in one line, with the project's file and line."""
    file, line = _place(error) or (stack, None)
    text = " ".join(str(error).split())
    detail = text if isinstance(error, OwnStackError) else f"{type(error).__name__}: {text}"
    key = stack if line else ""
    return SettingsError((Mistake(file, line, key, ABSENT, f"cannot be synthesized: {detail}"),))


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


def _place(error: Exception) -> tuple[str, int | None] | None:
    """Return the innermost file and line of the project's code; None if there is none."""
    if isinstance(error, SyntaxError) and error.filename:
        return _shown(Path(error.filename)), error.lineno
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        is_others = path.is_relative_to(_LIBRARY) or "site-packages" in path.parts
        is_ours = any(path.is_relative_to(_HERE / name) for name in _PACKAGES)
        if path.is_file() and not is_others and not is_ours:
            return _shown(path), frame.lineno
    return None


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else path.name


def _declarations(declared: DeclaredStacks) -> tuple[DeclaredStack, ...]:
    return (*declared.regional, *declared.global_)


@lru_cache(maxsize=8)
def _resolved(declared: DeclaredStacks) -> tuple[OwnStack, ...]:
    classes = [_class(each, declared.root) for each in _declarations(declared)]
    regional = {each.kind for each in classes[: len(declared.regional)]}
    _check_kinds(classes, _declarations(declared))
    reads = {each.kind: set(each.upstream) for each in classes}
    late = _late(reads, regional)
    stacks: list[OwnStack] = []
    for stack_class, declaration in zip(classes, _declarations(declared), strict=True):
        kind, depends_on = stack_class.kind, tuple(stack_class.upstream)
        if unknown := sorted({*depends_on} - reads.keys() - {*_READABLE}):
            expected = ", ".join([*_READABLE, *sorted(reads.keys() - {kind})])
            raise declaration.error(f"depends on {unknown[0]!r}; expected one of {expected}")
        too_late = sorted({*depends_on} & {"entry-point", *late})
        if kind in regional and too_late:
            message = (
                f"is in each region and depends on {too_late[0]}, which is applied after all"
                " regions; make it a global stack"
            )
            raise declaration.error(message)
        stacks.append(
            OwnStack(
                kind=kind,
                is_regional=kind in regional,
                is_late=kind in late,
                depends_on=depends_on,
                stack_class=stack_class,
            )
        )
    if cycle := _cycle(reads):
        message = f"own stacks depend on each other: {cycle}; remove one from upstream"
        raise _declarations(declared)[0].error(message)
    return tuple(stacks)


def _cycle(reads: Mapping[str, Iterable[str]]) -> str | None:
    try:
        TopologicalSorter(reads).prepare()
    except CycleError as error:
        kinds: list[str] = error.args[1]
        return " -> ".join(reversed(kinds))
    return None


def _class(declaration: DeclaredStack, root: Path | None) -> "type[BaseStack]":
    source = declaration.source
    value = _imported(declaration, source, root) if isinstance(source, str) else source
    from stacks.base_stack import BaseStack  # noqa: PLC0415 - it starts the engine

    if not (isinstance(value, type) and issubclass(value, BaseStack)):
        raise declaration.error("must be a class derived from iot_dr.api.BaseStack", source)
    return value


def _imported(declaration: DeclaredStack, name: str, root: Path | None) -> object:
    module_name, _, class_name = name.partition(":")
    if not all(part.isidentifier() for part in (*module_name.split("."), class_name)):
        message = 'must be module:Class, such as "my_stacks:MyStack"'
        raise declaration.error(message, name)
    # As Python does for the folder of `main.py`.
    if root and str(root) not in sys.path:
        sys.path.insert(0, str(root))
    try:
        module = import_module(module_name)
    except Exception as error:
        if isinstance(error, SettingsError):
            raise
        place = _place(error)
        at = f" at {place[0]}:{place[1]}" if place else ""
        text = error.msg if isinstance(error, SyntaxError) else str(error)
        detail = " ".join(text.split())
        message = f"cannot be imported: {type(error).__name__}{at}: {detail}"
        raise declaration.error(message, name) from error
    if not hasattr(module, class_name):
        raise declaration.error(f"is not in {module_name}: it has no {class_name}", name)
    return getattr(module, class_name)


def _check_kinds(
    classes: "Sequence[type[BaseStack]]", declarations: Sequence[DeclaredStack]
) -> None:
    seen: set[str] = set()
    for stack_class, declaration in zip(classes, declarations, strict=True):
        kind = stack_class.kind
        if kind in _OURS:
            message = f"has the kind {kind!r}, which is one of the platform's; choose another kind"
            raise declaration.error(message)
        if kind in seen:
            raise declaration.error(f"has the kind {kind!r} of another own stack; choose another")
        if not _KIND.fullmatch(kind) or _REGION_AT_END.search(kind):
            message = (
                f"has the kind {kind!r}; expected lower-case letters, digits and hyphens, without a"
                ' region at the end, such as kind = "topic-rules"'
            )
            raise declaration.error(message)
        seen.add(kind)


def _late(reads: dict[str, set[str]], regional: set[str]) -> set[str]:
    """Return the global kinds that depend, directly or not, on regions or the entry point."""
    after = {*_AFTER_REGIONS, *regional}
    while more := {kind for kind, read in reads.items() if kind not in after and read & after}:
        after |= more
    return after - _AFTER_REGIONS - regional
