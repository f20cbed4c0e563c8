"""Sentences with code in them."""

from iot_dr.common.html import Node, element


def phrase(sentence: str) -> tuple[Node, ...]:
    """Give a sentence in which what stands between two backticks is code."""
    parts = sentence.split("`")
    if len(parts) % 2 == 0:
        # The last backtick has no other.
        parts[-2:] = ["`".join(parts[-2:])]
    return tuple(element("code", part) if at % 2 else part for at, part in enumerate(parts))
