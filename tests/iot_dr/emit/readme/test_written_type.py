"""A README shows a type as it stands in `variables.tf`."""

import pytest

from iot_dr.emit.hcl import written
from iot_dr.emit.readme.written_type import written_type
from iot_dr.terraform.standin.schema import Block


@pytest.mark.parametrize("length", [1, *range(45, 65)])
def test_a_type_of_any_length_is_laid_out_as_in_its_file(length: int) -> None:
    constraint = f"object({{ {'x' * length} = string, other = number }})"
    body = {"description": "What.", "type": constraint, "default": None, "nullable": True}
    text = written({"variable": {"x": body}}, lambda _kind, _type: Block())
    assert f"= {written_type(constraint)}\n" in text
