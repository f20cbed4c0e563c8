"""JSON texts in arguments of resources, importable without CDKTF."""

import json


def compact_json(value: object) -> str:
    """Return JSON without white space, as AWS and `jsonencode` write it.

    The provider compares some texts by character, such as a queue's redrive policy: one with white
    space differs from AWS's in every plan after the first.
    """
    return json.dumps(value, separators=(",", ":"))
