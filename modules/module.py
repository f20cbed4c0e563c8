"""The base of every module: resources with flat, pinned logical ids."""

from typing import TypeVar
from weakref import WeakKeyDictionary

from cdktf import TerraformElement, TerraformStack
from constructs import Construct

_Element = TypeVar("_Element", bound=TerraformElement)

_flat_ids: WeakKeyDictionary[TerraformStack, set[str]] = WeakKeyDictionary()


class Module(Construct):
    """A construct whose resources are named flat in their stack.

    CDKTF names a nested resource after its path and a hash of it, so moving a construct would
    destroy and create what it holds. A flat id stays when the construct moves (ADR 0004).
    """

    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_)
        if isinstance(scope, Module):
            # Asking for its stack would wait for Node.
            self._flat_ids = scope._flat_ids  # noqa: SLF001 - same class
        else:
            stack = scope if isinstance(scope, TerraformStack) else TerraformStack.of(self)
            self._flat_ids = _flat_ids.setdefault(stack, set())

    def flat(self, element: _Element, logical_id: str) -> _Element:
        """Name an element `logical_id` in its stack, and give it back.

        Raises ValueError when the stack has the name already: CDKTF would merge the two silently.
        """
        key = f"{type(element).__name__}.{logical_id}"
        if key in self._flat_ids:
            message = f"{key}: this stack has a resource of that type and logical id already"
            raise ValueError(message)
        self._flat_ids.add(key)
        element.override_logical_id(logical_id)
        return element
