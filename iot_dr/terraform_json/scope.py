"""Where an expression stands: what its names mean follows from this."""

import re
from functools import lru_cache
from sys import intern
from typing import Final, NamedTuple

from iot_dr.terraform_json.expression import Step
from iot_dr.terraform_json.resource import Resource

_INDEX: Final = r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]'
_MODULE: Final = re.compile(rf"(?:module\.[^.\[\"]+(?:{_INDEX})?\.)*")
_LAST_INDEX: Final = re.compile(rf"({_INDEX})$")
_ANY_INDEX: Final = re.compile(_INDEX)


# Addresses that are remembered: more than the resources of most environments.
_MOST: Final = 16_384


class Scope(NamedTuple):
    """An expression's stack, its module's path (empty, or with a dot at its end), its owner.

    `owner` is the resource or the module call that the expression belongs to, with its key.
    """

    stack: int
    module: str
    owner: str

    @property
    def key(self) -> Step | None:
        """The key of the instance that the expression belongs to: `each.key`, `count.index`."""
        return key_of(self.owner)


def scope_of(stack: int, resource: Resource) -> Scope:
    """Give the place of a resource's own arguments."""
    return Scope(stack, module_of(resource.address), resource.address)


@lru_cache(maxsize=_MOST)
def module_of(address: str) -> str:
    """Give the path of the module that an address is in, `module.m["a"].`; empty for the root."""
    found = _MODULE.match(address)
    return found.group() if found else ""


@lru_cache(maxsize=_MOST)
def key_of(address: str) -> Step | None:
    """Give the key of an instance's address, None where there is none."""
    found = _LAST_INDEX.search(address) if address.endswith("]") else None
    return as_key(found.group(1)) if found else None


@lru_cache(maxsize=_MOST)
def without_key(address: str) -> str:
    """Give the address of the resource that an address may be an instance of."""
    return intern(_LAST_INDEX.sub("", address)) if address.endswith("]") else address


@lru_cache(maxsize=_MOST)
def without_keys(address: str) -> str:
    """Give an address as configuration tells it: without the keys of any instance."""
    return intern(_ANY_INDEX.sub("", address)) if "[" in address else address


def as_key(index: str) -> Step:
    """Read `[0]` or `["a"]`."""
    inner = index[1:-1]
    return int(inner) if inner.isdigit() else inner[1:-1].replace('\\"', '"').replace("\\\\", "\\")


def as_index(key: Step) -> str:
    """Write `[0]` or `["a"]`, as Terraform's addresses have it."""
    if isinstance(key, int):
        return f"[{key}]"
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    return f'["{escaped}"]'
