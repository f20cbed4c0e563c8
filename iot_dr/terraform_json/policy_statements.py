"""The statements of a JSON policy."""

import json
from collections.abc import Mapping
from typing import Any

from iot_dr.terraform_json.block import blocks


def statements(text: str) -> tuple[Mapping[str, Any], ...] | None:
    """Return the statements of a policy, None if the text is not one."""
    if not text.startswith("{") or '"Statement"' not in text:
        return None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return blocks(document, "Statement") if isinstance(document, dict) else None
