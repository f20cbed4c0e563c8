"""The parts of a server's certificate, read from DER and PEM."""

from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from iot_dr.common.plain_text import plain
from iot_dr.observe.status.endpoint import CertificateSummary

_SECONDS_A_DAY: Final = 86_400


def read_certificate(encoded: bytes, now: datetime) -> CertificateSummary:
    """Return the parts of a certificate in DER; raises errors of many classes if it is damaged."""
    read = x509.load_der_x509_certificate(encoded)
    ends = read.not_valid_after_utc
    return CertificateSummary(
        subject=_subject(read),
        names=_names(read),
        ends=ends,
        days_left=(ends - now).total_seconds() / _SECONDS_A_DAY,
        fingerprint=_fingerprint(read),
    )


def fingerprint_of_pem(text: str) -> str:
    """Return the SHA-256 of a certificate in PEM, in hexadecimal digits."""
    return _fingerprint(x509.load_pem_x509_certificate(text.encode()))


def _fingerprint(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(SHA256()).hex()


def _subject(read: x509.Certificate) -> str:
    common = read.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return plain(str(common[0].value) if common else read.subject.rfc4514_string())


def _names(read: x509.Certificate) -> tuple[str, ...]:
    try:
        extension = read.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return ()
    return tuple(plain(each) for each in extension.value.get_values_for_type(x509.DNSName))
