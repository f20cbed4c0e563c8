"""Error codes of AWS for logs and metrics, without the messages, which may hold data or headers."""

from typing import Any


def code_of(error: BaseException | None) -> str | None:
    """Return the error code of a ClientError, None for an error without a response."""
    # botocore's HTTPClientError has the attribute too, and it may be None.
    response: dict[str, Any] = getattr(error, "response", None) or {}
    return response.get("Error", {}).get("Code")


def class_and_code(error: BaseException) -> str:
    """Return the class name of an error, followed by AWS's error code if there is another one."""
    code, name = code_of(error), type(error).__name__
    return name if code in (None, "", name) else f"{name} {code}"
