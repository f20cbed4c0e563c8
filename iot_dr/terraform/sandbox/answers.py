"""What both ways of answering a request share."""

import re
from http import HTTPStatus
from typing import Final
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

_SIGNED_WITH: Final = re.compile(r"Credential=([\w-]+)/", re.ASCII)


def signing_key(authorization: str) -> str:
    """Return the access key that a request is signed with, an empty string without one."""
    signed = _SIGNED_WITH.search(authorization)
    return signed[1] if signed else ""


def error(status: HTTPStatus, code: str, message: str) -> Response:
    """Return an error in the form of S3."""
    document = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    return Response(document, status, content_type="application/xml")


def not_stored(problem: OSError) -> Response:
    """Return the answer for a folder that cannot be read or written; AWS clients retry a 500."""
    message = f"The sandbox cannot store this: {problem}"
    return error(HTTPStatus.INSUFFICIENT_STORAGE, "InsufficientStorage", message)
