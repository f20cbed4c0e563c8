"""JSON of files that a user or another program wrote."""

import json


def parsed_json(content: bytes | str) -> object:
    """Parse JSON; raises ValueError if it is invalid, not UTF-8 or nested too deep for Python."""
    try:
        return json.loads(content)
    except RecursionError:
        raise ValueError("is nested too deep") from None
