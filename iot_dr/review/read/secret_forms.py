"""The encodings in which a secret may appear inside other texts."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote, quote_plus

import msgspec

from iot_dr.terraform_json.dns_name import dns_name

# Go escapes these in JSON, and so does Terraform in `jsonencode`: pkg.go.dev/encoding/json,
# "Marshal".
_GO: Final = {ord(character): f"\\u{ord(character):04x}" for character in "&<>\u2028\u2029"}
_PLAIN_IN_JSON: Final = re.compile(r'(?:(?!["&<>\\])[ -~])*')
_URL_SAFE: Final = str.maketrans("+/", "-_")
_BYTE: Final = 8
_DIGIT: Final = 6


def forms(text: str) -> Iterator[str]:
    """Yield a text itself, and as a DNS name, in JSON, in JSON inside JSON, in a URL, in base64.

    The base64 forms also match inside the encoding of a longer text, at each of the three
    possible byte offsets.
    """
    yield text
    yield dns_name(text.strip())
    if not _PLAIN_IN_JSON.fullmatch(text):
        for escaped in {*_in_json(text)} - {text}:
            yield escaped
            yield from _in_json(escaped)
    yield from (quote(text, safe=""), quote(text), quote_plus(text))
    for encoded in _in_base64(text.encode()):
        yield encoded
        if "+" in encoded or "/" in encoded:
            yield encoded.translate(_URL_SAFE)


def _in_json(text: str) -> Iterator[str]:
    plain = msgspec.json.encode(text).decode()[1:-1]
    yield plain
    yield plain.translate(_GO)
    yield json.dumps(text)[1:-1]


def _in_base64(content: bytes) -> Iterator[str]:
    yield b64encode(content).decode().rstrip("=")
    for offset in range(3):
        digits = b64encode(bytes(offset) + content).decode()
        # Leave out digits that also encode bits of the neighbouring bytes.
        first, stop = -(-offset * _BYTE // _DIGIT), (offset + len(content)) * _BYTE // _DIGIT
        yield digits[first:stop]
