"""A type as it stands in a module's `variables.tf`, which is what terraform-docs shows."""

import re
from typing import Final

from iot_dr.emit.hcl import written
from iot_dr.terraform.standin.schema import Block, Kind

_TYPE: Final = re.compile(r"^  type += (.*)\n}", re.DOTALL | re.MULTILINE)


def written_type(constraint: str) -> str:
    """Lay a type out over lines as it is in a variable's block."""
    # The name of the argument before it counts: alignment makes its line longer.
    body = {"description": "", "type": constraint}
    text = written({"variable": {"x": body}}, _no_block)
    found = _TYPE.search(text)
    assert found is not None  # noqa: S101 - the block has just been given a type
    return found[1]


def _no_block(_kind: Kind, type_: str, /) -> Block:
    raise KeyError(type_)
