"""Values inside an expression of Terraform."""

import json
from collections.abc import Sequence

from iot_dr.terraform_json.expression import escaped


def literal(value: str | Sequence[str | int]) -> str:
    """Write a text of printable ASCII, or a list, as an expression such as `["auto", "latched"]`.

    Escapes in JSON and in Terraform's language are the same there, but for templates.
    """
    return escaped(json.dumps(value))
