"""The base class of all modules: a construct with flat, fixed logical ids."""

from typing import TypeVar
from weakref import WeakKeyDictionary

from cdktf import TerraformElement, TerraformProvider, TerraformResource, TerraformStack
from constructs import Construct

_Element = TypeVar("_Element", bound=TerraformElement)

_flat_ids: WeakKeyDictionary[TerraformStack, set[str]] = WeakKeyDictionary()
_imports: WeakKeyDictionary[TerraformStack, list[dict[str, str]]] = WeakKeyDictionary()


class Module(Construct):
    """A construct whose resources have flat logical ids in their stack.

    CDKTF derives the id of a nested resource from its path and a hash, so moving a construct would
    destroy and create its resources. A flat id does not depend on the path (ADR 0004).
    """

    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_)
        if isinstance(scope, Module):
            # `TerraformStack.of` would be a slow call to Node through jsii.
            self._flat_ids = scope._flat_ids  # noqa: SLF001 - same class
        else:
            stack = scope if isinstance(scope, TerraformStack) else TerraformStack.of(self)
            self._flat_ids = _flat_ids.setdefault(stack, set())

    def flat(self, element: _Element, logical_id: str) -> _Element:
        """Set an element's logical id, and return the element.

        Raises ValueError if the stack already has an element of that type and id, since CDKTF would
        merge the two without an error.
        """
        key = f"{type(element).__name__}.{logical_id}"
        if key in self._flat_ids:
            message = f"{key}: this stack has a resource of that type and logical id already"
            raise ValueError(message)
        self._flat_ids.add(key)
        element.override_logical_id(logical_id)
        return element

    def import_existing(
        self, resource: TerraformResource, id_: str, provider: TerraformProvider
    ) -> None:
        """Let Terraform import a resource that its state does not have.

        CDKTF's own `import_from` runs `terraform version` at every synthesis, and fails if there
        is no such program, as where Terraform is a library.
        """
        stack = TerraformStack.of(self)
        blocks = _imports.setdefault(stack, [])
        to = f"{resource.terraform_resource_type}.{resource.friendly_unique_id}"
        blocks.append({"to": to, "id": id_, "provider": provider.fqn})
        stack.add_override("import", blocks)
