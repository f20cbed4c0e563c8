"""Validation of a module's inputs."""

_TOKEN = "${"  # noqa: S105 - the prefix of a Terraform expression, not a password


class InputError(ValueError):
    """An input of a module has a value that AWS or the design does not allow."""

    def __init__(self, module: str, name: str, value: object, expected: str) -> None:
        """Build the message from the names of module and input, the value, and the expectation."""
        super().__init__(f"{module}: {name} is {value!r}, expected {expected}")


def is_expression(value: object) -> bool:
    """Whether a value contains a Terraform expression, so that synthesis does not know it."""
    return _TOKEN in str(value)


def require(is_valid: bool, module: type, name: str, value: object, expected: str) -> None:
    """Raise InputError unless `is_valid`; a value with a Terraform expression always passes."""
    if not is_valid and not is_expression(value):
        raise InputError(module.__name__, name, value, expected)
