"""The certificate of the CA that signs the certificates of an environment's devices."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from environments.bounded_file import UnusableFileError, content_of

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_LARGEST: Final = 64 * 1024
_KEY: Final = b"PRIVATE KEY"
_HOLDS_A_KEY: Final = (
    "holds a private key, which must never lie in a project: take the file out, of its history too,"
    " take the key for known to others, and put the CA's certificate alone there"
)
_NO_CERTIFICATE: Final = (
    "holds no certificate in PEM; allowed: the CA's public certificate, from"
    " -----BEGIN CERTIFICATE----- on"
)
_NO_CA: Final = (
    "is the certificate of no CA: its basicConstraints do not say CA:TRUE; put there the one that"
    " signs those of the devices"
)


@dataclass(frozen=True)
class CaCertificate:
    """A CA's public certificate, and the times between which it is valid.

    `id` is the SHA-256 of its DER in hex, by which AWS IoT knows it in every region.
    """

    pem: str
    id: str
    not_before: datetime
    not_after: datetime

    def fault_at(self, now: datetime) -> str:
        """Tell why it is not valid at a time, "" when it is."""
        if now < self.not_before:
            return f"is not valid before {self.not_before:%Y-%m-%d}; put one there that is"
        if now > self.not_after:
            return (
                f"has expired on {self.not_after:%Y-%m-%d}, and AWS IoT registers none that has;"
                " put the CA's new one there"
            )
        return ""


def read(path: Path) -> CaCertificate:
    """Read the one CA certificate of a file; whether it is valid by now is another question.

    Raises:
        UnusableFileError: there is no such file, or something else in it; a private key above all.
    """
    content = content_of(path, _LARGEST)
    if _KEY in content.upper():
        raise UnusableFileError(_HOLDS_A_KEY)
    certificate = _only(content)
    if not _is_of_ca(certificate):
        raise UnusableFileError(_NO_CA)
    # Here and below: only an environment with a CA has to wait for this import.
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415 - see above

    return CaCertificate(
        pem=certificate.public_bytes(Encoding.PEM).decode(),
        id=hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest(),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
    )


def _only(content: bytes) -> "Certificate":
    from cryptography import x509  # noqa: PLC0415 - as above

    try:
        certificates = x509.load_pem_x509_certificates(content)
    except (ValueError, x509.InvalidVersion):
        raise UnusableFileError(_NO_CERTIFICATE) from None
    if len(certificates) != 1:
        message = f"holds {len(certificates)} certificates; allowed: one, the CA's that signs"
        raise UnusableFileError(f"{message} those of the devices")
    return certificates[0]


def _is_of_ca(certificate: "Certificate") -> bool:
    from cryptography import x509  # noqa: PLC0415 - as above

    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return False
