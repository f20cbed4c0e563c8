"""Why a connect failed, in few words that are the same for the same cause."""

import os
import ssl


class RefusedError(Exception):
    """A broker answered CONNECT with a failure, or ended the link before it answered."""


def refusal(error: BaseException) -> str:
    """Give the cause of an error that a connect ended with."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"server's {error.verify_message or 'certificate is not trusted'}"
    if isinstance(error, ssl.SSLError):
        words = (error.reason or "TLS failed").lower().replace("_", " ")
        return words.removeprefix("tlsv1 ").removeprefix("tlsv13 ").removeprefix("sslv3 ")
    if isinstance(error, TimeoutError):
        return "timed out"
    if isinstance(error, OSError):
        return os.strerror(error.errno).lower() if error.errno else "connection lost"
    return str(error)
