"""What the class of an own stack declares, importable without the engine."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar

from modules.permissions.permission import Permission


class StackDeclaration:
    """The declarations of a stack, which `BaseStack` inherits."""

    kind: ClassVar[str] = ""
    """The kind of an own stack, which is named `iot-{environment}-{kind}[-{region}]`."""

    upstream: ClassVar[tuple[str, ...]] = ()
    """The kinds of stacks whose outputs an own stack reads; it is applied after them."""

    permissions: ClassVar[Mapping[str, Sequence[Permission]]] = MappingProxyType({})
    """What a pipeline needs for types of resources that the platform does not use, by type."""
