"""Documents of policies in a form that is the same in every region."""

import json
import re

from functions.registry.access.errors import Never

LARGEST = 2048
"""The most characters that AWS allows, white space apart; the quota cannot be raised."""

_ARN = re.compile(r"(arn:aws[a-z-]*:iot:)([a-z0-9-]+)(?=:)")
_PLACEHOLDER = re.compile(r"(arn:aws[a-z-]*:iot:)\{region\}(?=:)")


def canonical(document: str, region: str) -> str:
    """Give a document with a placeholder for its own region, where it names no other one.

    One that names others stays as it is: with a placeholder beside the name of another region,
    a copy in that region could not be told from one that names its own alone.
    """
    text = _compact(document)
    named = {arn[2] for arn in _ARN.finditer(text)}
    return _ARN.sub(r"\1{region}", text) if named == {region} else text


def rendered(document: str, region: str) -> str:
    """Give the document for a region; raises Never when it would not be the same document there."""
    text = _PLACEHOLDER.sub(rf"\g<1>{region}", document)
    if canonical(text, region) != document:
        raise Never(f"a document names {region} alone, which here would be the own region")
    size = len(re.sub(r"\s", "", text))
    if size > LARGEST:
        raise Never(f"a document has {size} characters here, and AWS allows {LARGEST}")
    return text


def _compact(document: str) -> str:
    try:
        return json.dumps(
            json.loads(document), sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )
    except (ValueError, RecursionError):
        return document
