"""Which members of a resource or data source are nested blocks."""

from collections.abc import Callable
from typing import Final, Protocol

from iot_dr.terraform.standin.schema import Block, Kind

# Terraform's own types, which no provider describes: all that they have are attributes.
_BUILT_IN: Final = frozenset(("terraform_data", "terraform_remote_state"))


class BlockNames(Protocol):
    """Gives the block of a type; raises KeyError for a type that it does not know."""

    def __call__(self, kind: Kind, type_: str, /) -> Block:
        """Give the block of a resource type or of a data source type."""
        ...


def known_blocks(blocks: BlockNames) -> Callable[[Kind, str], Block]:
    """Add Terraform's own types to those that `blocks` knows; other ones raise ValueError."""

    def block(kind: Kind, type_: str) -> Block:
        if type_ in _BUILT_IN:
            return Block()
        try:
            return blocks(kind, type_)
        except KeyError:
            message = f"no provider's schema has the type {type_!r}, so its blocks are unknown"
            raise ValueError(message) from None

    return block
