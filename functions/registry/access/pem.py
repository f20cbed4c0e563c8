"""PEM certificates in one normal form, so that regions can compare them."""

import base64
import re
import ssl

from functions.registry.access.errors import PermanentError

_BLOCK = re.compile(rf"{ssl.PEM_HEADER}([A-Za-z0-9+/=\s]+){ssl.PEM_FOOTER}")


def normalized_pem(pem: str) -> str:
    """Return the first certificate in lines of 64 characters; the text if it has no valid one."""
    try:
        return validated_pem(pem)
    except PermanentError:
        return pem


def validated_pem(pem: str) -> str:
    """Return the first certificate in lines of 64 characters.

    Raises PermanentError if there is none, or if it is not base64.
    """
    block = _BLOCK.search(pem)
    if block is None:
        raise PermanentError("its PEM has no certificate")
    try:
        der = base64.b64decode("".join(block[1].split()), validate=True)
    except ValueError:
        raise PermanentError("its PEM is not base64") from None
    return ssl.DER_cert_to_PEM_cert(der)
