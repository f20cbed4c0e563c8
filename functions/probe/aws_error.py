"""Error codes of AWS for logs and metrics, without the messages, which may contain data."""

from typing import Any


def code_of(error: BaseException | None) -> str | None:
    """Return the error code in an error's AWS response; None if it has no response or no code."""
    # botocore's HTTPClientError has the attribute too, and it may be None.
    response: dict[str, Any] = getattr(error, "response", None) or {}
    return response.get("Error", {}).get("Code")


def class_and_code(error: BaseException) -> str:
    """Return the class name of an error, and AWS's error code unless it is missing or equal."""
    code, name = code_of(error), type(error).__name__
    return name if code in (None, "", name) else f"{name} {code}"
