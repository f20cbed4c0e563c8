"""What may be told of an error of AWS: its text may hold data or headers."""

from typing import Any


def code_of(error: BaseException | None) -> str | None:
    """Give the code of AWS's answer, None where it did not answer."""
    # Errors of botocore's connections have the attribute too, and nothing in it.
    response: dict[str, Any] = getattr(error, "response", None) or {}
    return response.get("Error", {}).get("Code")


def class_and_code(error: BaseException) -> str:
    """Give an error's class and, where it says more, the code of AWS's answer."""
    code, name = code_of(error), type(error).__name__
    return name if code in (None, "", name) else f"{name} {code}"
