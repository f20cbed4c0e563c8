"""The base class of all modules: a construct with flat, fixed logical ids."""

import re
from typing import TypeVar
from weakref import WeakKeyDictionary

from cdktf import TerraformElement, TerraformProvider, TerraformResource, TerraformStack
from constructs import Construct

from modules.inputs import require

_Element = TypeVar("_Element", bound=TerraformElement)

_flat_ids: WeakKeyDictionary[TerraformStack, set[str]] = WeakKeyDictionary()
_imports: WeakKeyDictionary[TerraformStack, list[dict[str, str]]] = WeakKeyDictionary()


class Module(Construct):
    """A construct whose resources have flat logical ids in their stack.

    CDKTF derives the id of a nested resource from its path and a hash, so moving a construct would
    destroy and create its resources. A flat id does not depend on the path (ADR 0004). A second
    module of a class in a stack needs a name: `Named`.
    """

    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_)
        self._outer: Module | None = None
        self._prefix = ""
        self._created: list[tuple[str, TerraformElement]] = []
        if isinstance(scope, Module):
            # `TerraformStack.of` would be a slow call to Node through jsii.
            self._flat_ids = scope._flat_ids  # noqa: SLF001 - same class
            self._outer, self._prefix = scope, scope._prefix  # noqa: SLF001 - same class
        else:
            stack = scope if isinstance(scope, TerraformStack) else TerraformStack.of(self)
            self._flat_ids = _flat_ids.setdefault(stack, set())

    def logical_id(self, slot: str) -> str:
        """Return the logical id that an element of this module has with the name."""
        return f"{self._prefix}{slot}"

    def resource(self, type_: type[_Element], slot: str | None = None) -> _Element:
        """Return the resource of a class that this module, or one in it, has created.

        `slot` is its logical id, without the name of `Named`. Raises LookupError unless exactly one
        resource matches.
        """
        of_type = {
            logical_id: element for logical_id, element in self._created if type(element) is type_
        }
        wanted = of_type.keys() if slot is None else {self.logical_id(slot)} & of_type.keys()
        if len(wanted) != 1:
            ids = ", ".join(sorted(of_type)) or "none"
            message = f"{type_.__name__}: expected the logical id of one; there are: {ids}"
            raise LookupError(message)
        (logical_id,) = wanted
        element = of_type[logical_id]
        assert isinstance(element, type_)  # noqa: S101 - for the type check, see above
        return element

    def flat(self, element: _Element, logical_id: str) -> _Element:
        """Set an element's logical id, and return the element.

        Raises ValueError if the stack already has an element of that type and id, since CDKTF would
        merge the two without an error.
        """
        logical_id = self.logical_id(logical_id)
        key = f"{type(element).__name__}.{logical_id}"
        if key in self._flat_ids:
            message = (
                f"{key}: this stack has a resource of that type and logical id already; a second"
                ' module of a class needs a name: pass Named(scope, "NAME") as its scope'
            )
            raise ValueError(message)
        self._flat_ids.add(key)
        element.override_logical_id(logical_id)
        module: Module | None = self
        while module:
            module._created.append((logical_id, element))  # noqa: SLF001 - same class
            module = module._outer  # noqa: SLF001 - same class
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


class Named(Module):
    """A scope for another module of a class that a stack has already.

    The logical ids of all modules in it begin with its name and `_`, so the first one, without a
    name, keeps its ids. A change of the name destroys and creates their resources. It does not
    change names in AWS, which follow from the inputs. Raises InputError for a name that is not
    lower-case letters, digits and `_`.
    """

    def __init__(self, scope: Construct, name: str) -> None:
        is_valid = re.fullmatch(r"[a-z][a-z0-9_]*", name) is not None
        require(is_valid, Named, "name", name, "lower-case letters, digits and _")
        super().__init__(scope, name)
        self._prefix = self.logical_id(f"{name}_")
