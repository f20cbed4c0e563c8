"""The part of the provider's schema that stacks and their states need.

Each Terraform process decodes and checks every type of a provider, about 2,200 for AWS: a quarter
of a second and 100 MB, while stacks use some 30 of them.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from iot_dr.terraform.standin.encoding import RESPONSE_FIELD
from iot_dr.terraform.standin.wire import encode_message, fields, parse
from iot_dr.terraform_json.files import STACK_FILE

_Type = tuple[str, str]

_KIND: Final = {number: kind for kind, number in RESPONSE_FIELD.items()}
_STATE: Final = ".tfstate"
_MODES: Final = {"managed": "resource", "data": "data"}


def narrowed(response: bytes, scope: Sequence[Path]) -> bytes:
    """Return a response to `GetSchema` with only the types in the stacks and states of folders.

    The response is unchanged if they have a type that it lacks (Terraform then suggests similar
    names), if a stack uses a module (its types are not in the stack's file), or if a file is not
    what its name says.
    """
    try:
        used = {type_ for folder in scope for type_ in _types_below(folder)}
    except (AttributeError, KeyError, OSError, TypeError, ValueError):
        return response
    first, types, last = _split(response)
    if not used <= types.keys():
        return response
    return b"".join((first, *(entry for type_, entry in types.items() if type_ in used), last))


def _types_below(folder: Path) -> Iterator[_Type]:
    """Yield AWS's types in the files below a folder; raises ValueError if a stack uses a module."""
    for file in folder.rglob("*.tf*"):
        if file.name == STACK_FILE:
            types = _in_stack(json.loads(file.read_bytes()))
        elif file.suffix == _STATE:
            types = _in_state(json.loads(file.read_bytes()))
        else:
            continue
        yield from (type_ for type_ in types if type_[1].startswith("aws_"))


def _in_stack(document: Mapping[str, Any]) -> Iterator[_Type]:
    if "module" in document:
        raise ValueError(document["module"])
    # A `check` may have a data source of its own.
    for block in (document, *document.get("check", {}).values()):
        for kind in _KIND.values():
            yield from ((kind, name) for name in block.get(kind, {}))


def _in_state(state: Mapping[str, Any]) -> Iterator[_Type]:
    # The file in which Terraform keeps a backend's settings has the suffix too, and no resources.
    for resource in state.get("resources", ()):
        yield _MODES[resource["mode"]], resource["type"]


@lru_cache(1)
def _split(response: bytes) -> tuple[bytes, Mapping[_Type, bytes], bytes]:
    """Return the fields of a response before its types, of each type, and after its types."""
    types: dict[_Type, bytes] = {}
    others: list[bytes] = []
    for number, value in fields(response):
        assert isinstance(value, bytes)  # noqa: S101 - a response has fields of no other kind
        if number in _KIND:
            name = parse(value)[1]
            assert isinstance(name, bytes)  # noqa: S101 - as above
            types[_KIND[number], name.decode()] = encode_message(number, value)
        else:
            others.append(encode_message(number, value))
    first, last = others
    return first, types, last
