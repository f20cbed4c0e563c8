"""Strings that are templates, as most strings in Terraform's JSON are."""

from collections.abc import Callable

from iot_dr.emit.hcl.expression import Expression
from iot_dr.emit.hcl.json_text import encoded
from iot_dr.emit.hcl.style import Style, key_of
from iot_dr.emit.hcl.template import parts_of, quoted, sole_expression


def templated(is_string: Callable[[Expression], bool]) -> Style:
    """Give the style of templates; `is_string` tells of which expressions the value is a string."""

    def written(text: str) -> Expression:
        parts = parts_of(text)
        return sole_expression(parts) or encoded(parts, is_string) or (quoted(parts),)

    return Style(text=written, key=lambda text: key_of(parts_of(text)))
