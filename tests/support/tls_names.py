"""Certificates of a made-up authority."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.functions.authority import key_usage

_DAY: Final = timedelta(days=1)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


class Authority:
    """An authority that only its own `trust` contains, and the file `roots` in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._certificate = self._signed(
            _name("made-up authority"),
            self._key.public_key(),
            3650 * _DAY,
            x509.BasicConstraints(ca=True, path_length=None),
        )
        self.roots = folder / "roots.pem"
        self.roots.write_bytes(self._certificate.public_bytes(Encoding.PEM))
        self.trust = ssl.create_default_context(cafile=str(self.roots))

    def served(
        self,
        common: str,
        names: list[str],
        *,
        lasts: timedelta = 90 * _DAY,
        extension: x509.ExtensionType | None = None,
    ) -> ssl.SSLContext:
        """Return a server's context with a certificate that is valid for `lasts`.

        `lasts` may be negative. `extension` replaces the one with the `names`.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        named = x509.SubjectAlternativeName([x509.DNSName(each) for each in names])
        certificate = self._signed(_name(common), key.public_key(), lasts, extension or named)
        file = self._folder / f"{certificate.serial_number}.pem"
        file.write_bytes(
            certificate.public_bytes(Encoding.PEM)
            + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _signed(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePublicKey,
        lasts: timedelta,
        extension: x509.ExtensionType,
    ) -> x509.Certificate:
        ends = datetime.now(UTC) + lasts
        is_authority = isinstance(extension, x509.BasicConstraints)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(_name("made-up authority"))
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(ends - 4000 * _DAY)
            .not_valid_after(ends)
            .add_extension(extension, critical=is_authority)
            .add_extension(key_usage(ca=is_authority), critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
                critical=False,
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .sign(self._key, hashes.SHA256())
        )
