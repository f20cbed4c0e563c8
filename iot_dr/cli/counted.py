"""Numbers of things, in a sentence."""


def counted(number: int, what: str) -> str:
    """Give a number with what it counts, such as `1 stack` and `2 stacks`."""
    return f"{number} {what}{'' if number == 1 else 's'}"
