"""What may be told of an error of AWS: its text may hold data or headers."""

from typing import Any


def code_of(error: BaseException | None) -> str | None:
    """Give the code of AWS's answer, None where it did not answer."""
    # Errors of botocore's connections have the attribute too, and nothing in it.
    response: dict[str, Any] = getattr(error, "response", None) or {}
    return response.get("Error", {}).get("Code")
