"""DNS messages, as far as a question for name servers needs them (RFC 1035, section 4)."""

import struct
from collections.abc import Iterator

_HEADER = struct.Struct("!6H")
_RECORD = struct.Struct("!HHIH")
_QUESTION = struct.Struct("!HH")
_NS, _INTERNET = 2, 1
_IS_RESPONSE, _IS_TRUNCATED, _WANTS_RECURSION = 0x8000, 0x0200, 0x0100
_NO_ERROR, _NO_SUCH_NAME = 0, 3
_POINTER, _LONGEST_LABEL = 0xC0, 63


class DnsError(Exception):
    """DNS gave no answer, or one that cannot be used."""


def question(name: str, number: int) -> bytes:
    """Ask for the name servers of a name; `number` (16 bits) tells the answer to this question.

    Raises:
        DnsError: for a name with a label that is empty or longer than 63 octets.
    """
    labels = [label.encode() for label in name.rstrip(".").split(".")]
    if not all(0 < len(label) <= _LONGEST_LABEL for label in labels):
        raise DnsError(f"{name!r} is no name that DNS can be asked for")
    encoded = b"".join(bytes((len(label),)) + label for label in labels) + b"\0"
    header = _HEADER.pack(number, _WANTS_RECURSION, 1, 0, 0, 0)
    return header + encoded + _QUESTION.pack(_NS, _INTERNET)


def name_servers_in(message: bytes, name: str, number: int) -> frozenset[str]:
    """Give the name servers of `name` that an answer or a referral names, in lower case.

    None for a name that has none, or that does not exist.

    Raises:
        DnsError: when the message is damaged, cut, a refusal, or no answer to this question.
    """
    try:
        return frozenset(_servers(message, name.lower().rstrip("."), number))
    except (struct.error, IndexError, UnicodeDecodeError):
        raise DnsError("the answer is damaged") from None


def _servers(message: bytes, name: str, number: int) -> Iterator[str]:
    got, flags, questions, answers, authorities, _ = _HEADER.unpack_from(message)
    if got != number or not flags & _IS_RESPONSE:
        raise DnsError("the answer is to another question")
    if flags & _IS_TRUNCATED:
        raise DnsError("the answer is cut")
    if flags & 0xF not in {_NO_ERROR, _NO_SUCH_NAME}:
        raise DnsError(f"the server refuses, with code {flags & 0xF}")
    at = _HEADER.size
    for _ in range(questions):
        _, at = _name(message, at)
        at += _QUESTION.size
    for _ in range(answers + authorities):
        owner, at = _name(message, at)
        kind, _, _, length = _RECORD.unpack_from(message, at)
        at += _RECORD.size
        if kind == _NS and owner == name:
            yield _name(message, at)[0]
        at += length


def _name(message: bytes, at: int) -> tuple[str, int]:
    """Read a name, which may go on elsewhere (4.1.4); give it and the place behind it."""
    labels: list[str] = []
    end = None
    # Each pointer leads back, so that none can lead round in a circle.
    while length := message[at]:
        if length < _POINTER:
            labels.append(message[at + 1 : at + 1 + length].decode("ascii"))
            at += 1 + length
            continue
        end = end or at + 2
        to = (length - _POINTER) << 8 | message[at + 1]
        if to >= at:
            raise DnsError("the answer is damaged")
        at = to
    return ".".join(labels).lower(), end or at + 1
