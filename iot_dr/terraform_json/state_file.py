"""A Terraform state as a backend stores it; `terraform show -json` prints another format.

Version 4 of the format: github.com/hashicorp/terraform, internal/states/statefile/version4.go.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from iot_dr.common.user_error import UserError
from iot_dr.terraform_json.json_value import Json
from iot_dr.terraform_json.resource import Mode
from iot_dr.terraform_json.strict_json import RefusedJsonError, decoded


class StateFileError(UserError):
    """An object is not a Terraform state."""


class StateInstance(msgspec.Struct, frozen=True):
    """An instance of a resource: one, or one for each key of `count` or `for_each`."""

    attributes: dict[str, Json] = msgspec.field(default_factory=dict[str, Json])


class StateResource(msgspec.Struct, frozen=True):
    """A resource with its instances; `module` is the address of its module, "" in the root."""

    mode: Mode
    type: str
    name: str
    instances: tuple[StateInstance, ...]
    provider: str = ""
    module: str = ""

    @property
    def address(self) -> str:
        """The address in its module, without an index."""
        return f"{self.type}.{self.name}"

    @property
    def provider_region(self) -> str:
        """The region that the provider's alias names, as the stacks' do; "" without an alias.

        It has underscores: `provider["registry.terraform.io/hashicorp/aws"].eu_west_1`.
        """
        return self.provider.rpartition('"]')[2].removeprefix(".").replace("_", "-")


class _Output(msgspec.Struct, frozen=True):
    value: Json


class StateFile(msgspec.Struct, frozen=True):
    """A state: its identity (`lineage`) and version (`serial`), resources and outputs."""

    lineage: str
    serial: int
    resources: tuple[StateResource, ...]
    outputs: dict[str, _Output] = msgspec.field(default_factory=dict[str, _Output])

    @classmethod
    def parse(cls, content: bytes) -> "StateFile":
        """Parse a state; raises RefusedJsonError for other content."""
        return decoded(_DECODER, content, "the state")

    @classmethod
    def read(cls, content: bytes, url: str) -> "StateFile":
        """Parse the state at `url`; raises StateFileError, which names it and the problem."""
        try:
            return cls.parse(content)
        except RefusedJsonError as error:
            problem = str(error).removeprefix("is not in Terraform's format: ")
            message = f"{url}: is not a Terraform state: {problem}"
            raise StateFileError(f"{message}; restore an earlier version of the object") from None

    @classmethod
    def or_empty(cls, content: bytes | None) -> "StateFile":
        """Parse a state; an empty one if it is missing or damaged, which `refuse_foreign` finds."""
        try:
            return cls.parse(content or b"")
        except RefusedJsonError:
            return cls(lineage="", serial=0, resources=())

    @property
    def managed(self) -> tuple[StateResource, ...]:
        """The resources without data sources."""
        return tuple(each for each in self.resources if each.mode == "managed")

    def of_type(self, type_: str) -> Iterator[tuple[StateResource, dict[str, Json]]]:
        """Yield each managed resource of a type with the attributes of each instance."""
        for resource in self.managed:
            if resource.type == type_:
                yield from ((resource, instance.attributes) for instance in resource.instances)

    def output(self, name: str) -> Json:
        """Return the value of an output; None if it is missing."""
        return self.outputs[name].value if name in self.outputs else None


_DECODER: Final = msgspec.json.Decoder(StateFile)
