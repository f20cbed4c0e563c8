"""The refusal of a module's wrong inputs."""

_TOKEN = "${"  # noqa: S105 - the mark of a value that Terraform knows later, not a password


class InputError(ValueError):
    """A module was given a value that AWS or the design refuses."""

    def __init__(self, module: str, name: str, value: object, expected: str) -> None:
        """Name the module, the input, its value and what would be right."""
        super().__init__(f"{module}: {name} is {value!r}, expected {expected}")


def refuse_unless(valid: bool, module: type, name: str, value: object, expected: str) -> None:
    """Raise InputError unless the value is valid; values that only Terraform knows always pass."""
    if not valid and _TOKEN not in str(value):
        raise InputError(module.__name__, name, value, expected)
