"""The TLS certificate of a plugin process."""

import base64
import datetime
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFETIME = datetime.timedelta(days=1)
# Clocks of containers may differ from their host's by seconds.
_LEEWAY = datetime.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """A self-signed P-256 certificate for `localhost`, made for one process and never stored."""

    key_pem: bytes
    certificate_pem: bytes

    @classmethod
    def make(cls) -> "ServerCertificate":
        """Create a key and a certificate that is valid for a day."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        now = datetime.datetime.now(datetime.UTC)
        usages = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _LEEWAY)
            .not_valid_after(now + _LIFETIME)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(usages, critical=False)
            .sign(key, hashes.SHA256())
        )
        return cls(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ),
            certificate.public_bytes(serialization.Encoding.PEM),
        )

    @property
    def handshake(self) -> str:
        """The certificate in go-plugin's handshake line: base64 without padding."""
        lines = self.certificate_pem.decode().strip().splitlines()[1:-1]
        return base64.b64encode(base64.b64decode("".join(lines))).decode().rstrip("=")
