"""Certificates as text in one form, so that two regions' can be compared."""

import base64
import re
import ssl

from functions.registry.access.errors import Never

_BLOCK = re.compile(rf"{ssl.PEM_HEADER}([A-Za-z0-9+/=\s]+){ssl.PEM_FOOTER}")


def canonical(pem: str) -> str:
    """Give the first certificate of a text in lines of 64; a text without one as it is."""
    try:
        return checked(pem)
    except Never:
        return pem


def checked(pem: str) -> str:
    """Give the first certificate of a text in lines of 64; raises Never when there is none."""
    block = _BLOCK.search(pem)
    if block is None:
        raise Never("its PEM holds no certificate")
    try:
        der = base64.b64decode("".join(block[1].split()), validate=True)
    except ValueError:
        raise Never("its PEM is no base64") from None
    return ssl.DER_cert_to_PEM_cert(der)
