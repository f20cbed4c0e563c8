"""The statements of a JSON policy."""

from collections.abc import Mapping
from typing import Any

from iot_dr.terraform_json.block import blocks
from iot_dr.terraform_json.json_value import is_mapping, json_in


def statements(text: str) -> tuple[Mapping[str, Any], ...] | None:
    """Return the statements of a policy, None if the text is not one."""
    if not text.startswith("{") or '"Statement"' not in text:
        return None
    document = json_in(text)
    return blocks(document, "Statement") if is_mapping(document) else None
