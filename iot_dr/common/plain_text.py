"""Text from elsewhere, made safe to print."""

_FOUR_DIGITS = 0xFFFF


def plain(value: str) -> str:
    """Escape what a terminal would not show as it stands: control, direction, invisible ones."""
    if value.isprintable():
        return value
    return "".join(each if each.isprintable() else _escaped(each) for each in value)


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= _FOUR_DIGITS else f"\\U{code:08x}"
