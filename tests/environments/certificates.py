"""Certificates and a key for files that name a CA."""

import base64
import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

_DAY = datetime.timedelta(days=1)
# How DER says that a certificate is of version 3.
_VERSION_3 = b"\xa0\x03\x02\x01\x02"
_OWN_KEY = ec.generate_private_key(ec.SECP256R1())


def pem(*, ca: bool | None = True, begins: int = -1, ends: int = 1) -> bytes:
    """Return a certificate that is valid between two days from now on; None: with no constraint."""
    now = datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Devices")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(_OWN_KEY.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + begins * _DAY)
        .not_valid_after(now + ends * _DAY)
    )
    if ca is not None:
        constraint = x509.BasicConstraints(ca=ca, path_length=None)
        builder = builder.add_extension(constraint, critical=True)
    return builder.sign(_OWN_KEY, hashes.SHA256()).public_bytes(Encoding.PEM)


def key() -> bytes:
    """Return the private key of all of them."""
    return _OWN_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def of_no_version() -> bytes:
    """Return a certificate of a version of X.509 that there is not."""
    der = x509.load_pem_x509_certificate(pem()).public_bytes(Encoding.DER)
    assert der.count(_VERSION_3) == 1
    content = base64.encodebytes(der.replace(_VERSION_3, _VERSION_3[:-1] + b"\x3e"))
    return b"-----BEGIN CERTIFICATE-----\n" + content + b"-----END CERTIFICATE-----\n"
