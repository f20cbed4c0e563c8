"""The scope of an expression, which decides what its names refer to."""

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


# Cached addresses: more than most environments have resources.
_MOST: Final = 16_384


class Scope(NamedTuple):
    """The scope of an expression: its stack, module path and owner.

    `module` is empty for the root module, else it ends with a dot. `owner` is the address of the
    resource or module call that contains the expression, with its key.
    """

    stack: int
    module: str
    owner: str

    @property
    def key(self) -> Step | None:
        """The key of the owner, the value of `each.key` or `count.index`; None if it has none."""
        return key_of(self.owner)


def scope_of(stack: int, resource: Resource) -> Scope:
    """Return the scope of a resource's own arguments."""
    return Scope(stack, module_of(resource.address), resource.address)


@lru_cache(maxsize=_MOST)
def module_of(address: str) -> str:
    """Return the module path of an address, `module.m["a"].`; empty for the root module."""
    match = _MODULE.match(address)
    return match.group() if match else ""


@lru_cache(maxsize=_MOST)
def key_of(address: str) -> Step | None:
    """Return the instance key of an address, None if it has none."""
    match = _LAST_INDEX.search(address) if address.endswith("]") else None
    return as_key(match.group(1)) if match else None


@lru_cache(maxsize=_MOST)
def without_key(address: str) -> str:
    """Return an address without its own instance key."""
    return intern(_LAST_INDEX.sub("", address)) if address.endswith("]") else address


@lru_cache(maxsize=_MOST)
def without_keys(address: str) -> str:
    """Return an address without any instance keys, as in configuration."""
    return intern(_ANY_INDEX.sub("", address)) if "[" in address else address


def as_key(index: str) -> Step:
    """Parse `[0]` or `["a"]`."""
    inner = index[1:-1]
    return int(inner) if inner.isdigit() else inner[1:-1].replace('\\"', '"').replace("\\\\", "\\")


def as_index(key: Step) -> str:
    """Return `[0]` or `["a"]`, as Terraform's addresses write a key."""
    if isinstance(key, int):
        return f"[{key}]"
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    return f'["{escaped}"]'
