"""Normal forms in which the provider compares and stores values."""

import json
from typing import Any, Final

from iot_dr.terraform.standin.values import is_object

_ESCAPED: Final = str.maketrans({"<": r"\u003c", ">": r"\u003e", "&": r"\u0026"})
# Source: Go's encoding/json, `Marshal`, with which the provider writes JSON.


def dns_name(name: str) -> str:
    """Return a DNS name in lower case and without the final period."""
    return name.lower().removesuffix(".") or name


def json_text(text: str) -> str:
    """Return JSON compact and with sorted keys; other text is returned unchanged."""
    try:
        return _compact(json.loads(text))
    except ValueError:
        return text


def policy_text(text: str) -> str:
    """Return a policy as `json_text` does, except that its version comes first."""
    try:
        document = json.loads(text)
    except ValueError:
        return text
    if not is_object(document) or "Version" not in document:
        return _compact(document)
    version = _compact({"Version": document.pop("Version")})
    return f"{version[:-1]},{_compact(document)[1:]}" if document else version


def _compact(document: Any) -> str:  # noqa: ANN401 - any JSON
    compact = json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return compact.translate(_ESCAPED)
