"""The forms in which a secret may stand in other texts."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote, quote_plus

import msgspec

from iot_dr.terraform_json.dns_name import dns_name

# Go escapes these in JSON, and so Terraform in `jsonencode`: pkg.go.dev/encoding/json, "Marshal".
_GO: Final = {ord(each): f"\\u{ord(each):04x}" for each in "&<>\u2028\u2029"}
_PLAIN_IN_JSON: Final = re.compile(r'(?:(?!["&<>\\])[ -~])*')
_URL_SAFE: Final = str.maketrans("+/", "-_")
_BYTE: Final = 8
_DIGIT: Final = 6


def forms(text: str) -> Iterator[str]:
    """Yield a text as it is, as a DNS name, in JSON (also within JSON), in an address, in base64.

    In base64 also as a part of more: where it begins at any of the bytes that three digits share.
    """
    yield text
    yield dns_name(text.strip())
    if not _PLAIN_IN_JSON.fullmatch(text):
        for each in {*_in_json(text)} - {text}:
            yield each
            yield from _in_json(each)
    yield from (quote(text, safe=""), quote(text), quote_plus(text))
    for each in _in_base64(text.encode()):
        yield each
        if "+" in each or "/" in each:
            yield each.translate(_URL_SAFE)


def _in_json(text: str) -> Iterator[str]:
    plain = msgspec.json.encode(text).decode()[1:-1]
    yield plain
    yield plain.translate(_GO)
    yield json.dumps(text)[1:-1]


def _in_base64(content: bytes) -> Iterator[str]:
    yield b64encode(content).decode().rstrip("=")
    for lead in range(3):
        digits = b64encode(bytes(lead) + content).decode()
        # Those that hold bits of what stands before or behind are left out.
        first, stop = -(-lead * _BYTE // _DIGIT), (lead + len(content)) * _BYTE // _DIGIT
        yield digits[first:stop]
