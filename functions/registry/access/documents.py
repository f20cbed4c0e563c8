"""Policy documents in a form that does not depend on the region."""

import json
import re

from functions.registry.access.errors import PermanentError

MAX_CHARACTERS = 2048
"""The maximum length of a policy document without white space; a fixed quota of AWS IoT.

docs.aws.amazon.com/general/latest/gr/iot-core.html (Maximum policy document size)
"""

_ARN = re.compile(r"(arn:aws[a-z-]*:iot:)([a-z0-9-]+)(?=:)")
_REGION_PLACEHOLDER = re.compile(r"(arn:aws[a-z-]*:iot:)\{region\}(?=:)")


def canonical_document(document: str, region: str) -> str:
    """Return a document as compact JSON, with `{region}` in place of `region` in its ARNs.

    Text that is not JSON is not compacted. A document with ARNs of other regions keeps all of them:
    with a placeholder next to the name of another region, the copy there would look like a document
    that names only its own region.
    """
    text = _compact(document)
    regions = {arn[2] for arn in _ARN.finditer(text)}
    return _ARN.sub(r"\1{region}", text) if regions == {region} else text


def rendered_document(document: str, region: str) -> str:
    """Return a canonical document for a region.

    Raises PermanentError if it would have another canonical form there, or if it is too long for
    AWS.
    """
    text = _REGION_PLACEHOLDER.sub(rf"\g<1>{region}", document)
    if canonical_document(text, region) != document:
        raise PermanentError(f"a document names {region} alone, which would be the own region here")
    size = len(re.sub(r"\s", "", text))
    if size > MAX_CHARACTERS:
        raise PermanentError(
            f"a document has {size} characters here, and AWS allows {MAX_CHARACTERS}"
        )
    return text


def _compact(document: str) -> str:
    try:
        return json.dumps(
            json.loads(document), sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )
    except (ValueError, RecursionError):
        return document
