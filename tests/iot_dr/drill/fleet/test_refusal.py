import errno
import os
import ssl

import pytest

from iot_dr.drill.fleet.refusal import RefusedError, refusal


def _alert(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, f"[SSL: {reason}] told by OpenSSL (_ssl.c:1)")
    error.reason = reason
    return error


def _untrusted(why: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = why
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (_untrusted("certificate has expired"), "server's certificate has expired"),
        (_alert("TLSV1_ALERT_UNKNOWN_CA"), "alert unknown ca"),
        (_alert("TLSV13_ALERT_CERTIFICATE_REQUIRED"), "alert certificate required"),
        (TimeoutError(), "timed out"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed"), "connection refused"),
        (OSError(errno.EHOSTUNREACH, os.strerror(errno.EHOSTUNREACH)), "no route to host"),
        (ConnectionResetError(), "connection lost"),
        (RefusedError("not authorized"), "not authorized"),
    ],
)
def test_causes_have_the_same_words_whatever_the_address(error: Exception, words: str) -> None:
    assert refusal(error) == words
