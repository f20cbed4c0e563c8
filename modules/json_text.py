"""JSON texts in arguments of resources, importable without CDKTF."""

import json


def compact_json(value: object) -> str:
    """Return JSON without white space, as `jsonencode` and the provider's normalization write it.

    The provider compares some texts by character: two ways to write one would be a change.
    """
    return json.dumps(value, separators=(",", ":"))
